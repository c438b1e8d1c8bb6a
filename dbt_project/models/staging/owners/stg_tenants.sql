with exports as (
    {{ mapping_rows('tenants') }}
)

select
    exports.load_id,
    exports.superseded_by_load,
    exports.path,
    exports.line_number,
    exports.exported_at,
    exports.is_snapshot,
    exports.tenant_id,
    exports.tenant_name,
    exports.timezone,
    exports.valid_from,
    exports.valid_to
from exports
