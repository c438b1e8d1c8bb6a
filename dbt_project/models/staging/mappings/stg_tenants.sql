with {{ exports_and_files('tenants') }}

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
