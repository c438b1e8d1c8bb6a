with {{ exports_and_files('users') }}

select
    exports.load_id,
    files.superseded_by_load,
    files.path,
    exports.line_number,
    exports.exported_at,
    exports.is_snapshot,
    exports.user_id,
    exports.tenant_id,
    exports.display_name,
    exports.valid_from,
    exports.valid_to
from exports
inner join files on exports.file_id = files.file_id
