with exports as (
    select * from {{ source('raw', 'tenants') }}
),

kinds as (
    select distinct file_id, is_snapshot from exports
),

-- A file delivered again under its name is the corrected one: the whole of it stands for the earlier. A snapshot keeps
-- its place among the others by the time of the export, so that one of another time is another snapshot.
files as (
    select
        landed_files.file_id,
        landed_files.path,
        lead(landed_files.load_id) over (
            partition by
                landed_files.path,
                kinds.is_snapshot,
                case when kinds.is_snapshot then landed_files.exported_at end
            order by landed_files.file_id
        ) as superseded_by_load
    from {{ source('raw', 'landed_files') }} as landed_files
    inner join kinds on landed_files.file_id = kinds.file_id
    where landed_files.dataset = 'tenants'
)

select
    exports.load_id,
    files.superseded_by_load,
    files.path,
    exports.line_number,
    exports.exported_at,
    exports.is_snapshot,
    exports.tenant_id,
    exports.tenant_name,
    exports.timezone,
    exports.valid_from,
    exports.valid_to
from exports
inner join files on exports.file_id = files.file_id
