with purchases as (
    select * from {{ source('raw', 'purchases') }}
),

files as (
    {{ files_and_their_corrections('purchases') }}
),

in_force as (
    select
        purchases.*,
        files.path
    from purchases
    inner join files on purchases.file_id = files.file_id
    where files.superseded_by_load is null
),

ranked as (
    select
        *,
        row_number() over (partition by purchase_id order by exported_at desc, path desc, line_number desc) as place
    from in_force
)

select
    purchase_id,
    credits,
    purchased_at,
    expires_at,
    cast(purchased_at as date) as purchased_on,
    -- The first day on which nothing of it can be used.
    case
        when expires_at = date_trunc('day', expires_at) then cast(expires_at as date)
        else {{ days_later('expires_at', 1) }}
    end as expires_on,
    price_per_credit,
    currency,
    currency_decimals,
    environment,
    corti_tenant,
    exported_at
from ranked
where place = 1
