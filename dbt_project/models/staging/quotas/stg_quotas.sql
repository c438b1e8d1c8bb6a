with exports as (
    {{ mapping_rows('quotas') }}
)

select
    exports.load_id,
    exports.superseded_by_load,
    exports.path,
    exports.line_number,
    exports.exported_at,
    exports.is_snapshot,
    {{ key_as_text(narrow_key(['exports.tenant_id', 'exports.user_id', 'lower(exports.kind)', 'exports.period'])) }}
        as quota_key,
    exports.tenant_id,
    exports.user_id,
    lower(exports.kind) as kind,
    exports.period,
    exports.credits as allowance_credits,
    coalesce(exports.warn_at, cast(0.8 as decimal(10, 9))) as warn_at,
    exports.valid_from,
    exports.valid_to
from exports
