with exports as (
    {{ mapping_rows('token_prices') }}
)

select
    exports.load_id,
    exports.superseded_by_load,
    exports.path,
    exports.line_number,
    exports.exported_at,
    exports.is_snapshot,
    exports.model,
    exports.input_per_million,
    exports.output_per_million,
    exports.cached_input_per_million,
    exports.valid_from,
    exports.valid_to
from exports
