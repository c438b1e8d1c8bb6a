with exports as (
    {{ mapping_rows('users') }}
)

select
    exports.load_id,
    exports.superseded_by_load,
    exports.path,
    exports.line_number,
    exports.exported_at,
    exports.is_snapshot,
    exports.user_id,
    exports.tenant_id,
    exports.display_name,
    exports.valid_from,
    exports.valid_to
from exports
