with observations as {{ computed_where_read() }} (
    select
        record_id,
        record_key,
        verdict,
        last_load_id
    from {{ ref('int_usage_observations') }}
    where record_key is not null
),

conflicting as (
    select distinct record_id, record_key from observations where verdict = 'conflict'
)

select record_id, record_key
from conflicting
{% if not is_full_build() -%}
where record_key in (select record_key from observations where last_load_id > {{ last_published_load() }})
{%- endif %}
