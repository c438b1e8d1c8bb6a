with exports as (
    select * from {{ source('raw', 'tenants') }}
),

files as (
    select * from {{ source('raw', 'landed_files') }}
),

-- A file delivered again under its name and export time is the corrected one: the whole of it stands for the earlier.
latest_files as (
    select max(file_id) as file_id
    from files
    where dataset = 'tenants'
    group by path, exported_at
),

-- An export may come in several files, and a row in two of them.
rows_of_latest_files as (
    select
        exports.*,
        row_number() over (
            partition by exports.is_snapshot, exports.exported_at, exports.tenant_id, exports.valid_from
            order by exports.load_id desc, exports.file_id desc, exports.line_number desc
        ) as version
    from exports
    inner join latest_files on exports.file_id = latest_files.file_id
)

select
    exports.load_id,
    exports.line_number,
    exports.exported_at,
    exports.is_snapshot,
    exports.tenant_id,
    exports.tenant_name,
    exports.timezone,
    exports.valid_from,
    exports.valid_to
from rows_of_latest_files as exports
where exports.version = 1
