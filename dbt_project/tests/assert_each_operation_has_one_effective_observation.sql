{{ config(meta={'dagster': {'ref': {'name': 'int_usage_observations'}}}) }}

select operation_key
from {{ ref('int_usage_observations') }}
{% if not is_full_build() -%}
where last_load_id > {{ last_published_load() }}
{%- endif %}
group by operation_key
having count(case when is_effective then 1 end) <> 1
