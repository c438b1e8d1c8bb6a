with purchases as (
    select * from {{ ref('stg_purchases') }}
),

accounts as (
    select * from {{ ref('int_balance_accounts') }}
),

as_of as (
    select * from {{ ref('int_as_of') }}
),

-- Balances end on the day of the latest operation, or of the latest purchase that was made when it was exported.
last_days as (
    select max(last_day) as as_of_date
    from (
        select cast(as_of_at as date) as last_day from as_of
        union all
        select max(purchased_on) as last_day from purchases where purchased_on <= cast(exported_at as date)
    ) as candidates
),

made as (
    select
        purchases.purchase_id,
        accounts.account_key,
        accounts.environment,
        accounts.corti_tenant,
        purchases.credits,
        purchases.purchased_at,
        purchases.purchased_on,
        purchases.expires_at,
        purchases.expires_on,
        last_days.as_of_date
    from purchases
    inner join accounts
        on
            purchases.environment is not distinct from accounts.named_environment
            and purchases.corti_tenant is not distinct from accounts.named_corti_tenant
    inner join last_days on purchases.purchased_on <= last_days.as_of_date
),

-- What expires first is used first.
placed as (
    select
        *,
        row_number() over (
            partition by account_key
            order by coalesce(expires_at, timestamp '9999-12-31 23:59:59.999999'), purchased_at, purchase_id
        ) as place
    from made
)

select * from placed
