with exports as (
    {{ mapping_rows('rates') }}
)

select
    exports.load_id,
    exports.superseded_by_load,
    exports.path,
    exports.line_number,
    exports.exported_at,
    exports.is_snapshot,
    {{ key_as_text(narrow_key(['exports.tenant_id', 'lower(exports.kind)'])) }} as rate_key,
    exports.tenant_id,
    lower(exports.kind) as kind,
    exports.price_per_credit,
    exports.currency,
    exports.currency_decimals,
    exports.valid_from,
    exports.valid_to
from exports
