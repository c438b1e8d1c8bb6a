with exports as (
    select * from {{ source('raw', 'tenants') }}
),

-- A file delivered again under its name and export time is the corrected one: the whole of it stands for the earlier.
files as (
    select
        file_id,
        path,
        lead(load_id) over (partition by path, exported_at order by file_id) as superseded_by_load
    from {{ source('raw', 'landed_files') }}
    where dataset = 'tenants'
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
