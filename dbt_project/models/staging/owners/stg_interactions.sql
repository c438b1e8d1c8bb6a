with exports as (
    select * from {{ source('raw', 'interactions') }}
),

files as (
    select * from {{ ref('stg_interaction_files') }}
)

select
    exports.file_id,
    exports.load_id,
    files.superseded_by_load,
    exports.line_number,
    exports.exported_at,
    exports.interaction_id,
    exports.user_id,
    exports.tenant_id
from exports
inner join files on exports.file_id = files.file_id
