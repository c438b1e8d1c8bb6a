with adjustments as (
    select * from {{ source('raw', 'adjustments') }}
),

files as (
    {{ files_and_their_corrections('adjustments') }}
),

in_force as (
    select
        adjustments.*,
        files.path
    from adjustments
    inner join files on adjustments.file_id = files.file_id
    where files.superseded_by_load is null
),

ranked as (
    select
        *,
        row_number() over (partition by adjustment_id order by exported_at desc, path desc, line_number desc) as place
    from in_force
)

select
    adjustment_id,
    tenant_id,
    user_id,
    credits,
    effective_date,
    reason,
    file_id,
    path,
    line_number
from ranked
where place = 1
