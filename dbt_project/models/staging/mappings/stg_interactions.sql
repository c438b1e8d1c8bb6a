with exports as (
    select * from {{ source('raw', 'interactions') }}
),

-- A file delivered again under its name and export time is the corrected one: the whole of it stands for the earlier.
files as (
    select
        file_id,
        lead(load_id) over (partition by path, exported_at order by file_id) as superseded_by_load
    from {{ source('raw', 'landed_files') }}
    where dataset = 'interactions'
)

select
    exports.load_id,
    files.superseded_by_load,
    exports.line_number,
    exports.exported_at,
    exports.interaction_id,
    exports.user_id,
    exports.tenant_id
from exports
inner join files on exports.file_id = files.file_id
