with adjustments as (
    select * from {{ source('raw', 'adjustments') }}
),

-- A file delivered again under its name is the corrected one: the whole of it stands for the earlier.
files as (
    select
        file_id,
        path,
        lead(load_id) over (partition by path order by file_id) as superseded_by_load
    from {{ source('raw', 'landed_files') }}
    where dataset = 'adjustments'
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
    reason
from ranked
where place = 1
