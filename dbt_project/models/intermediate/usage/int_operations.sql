-- depends_on: {{ ref('int_touched_operations') }}
{{ config(materialized='view') }}

with observations as (
    {% if is_full_build() -%}
    select * from {{ ref('int_usage_observations') }}
    {%- else -%}
    select * from {{ ref('int_usage_observations') }}
    where last_load_id > {{ last_published_load() }}
    union all
    select * from {{ ref('int_usage_observations') }}
    where
        last_load_id <= {{ last_published_load() }}
        and usage_date in (select usage_date from {{ ref('int_touched_operations') }})
        and {{ key_as_text('operation_key') }} in (select operation_key from {{ ref('int_touched_operations') }})
    {%- endif %}
),

-- Ids and owners that the effective observation lacks come from the next one in rank that has them.
filled as (
    select
        operation_key,
        {% for column in ['interaction_id', 'resource_id', 'operation_id', 'user_id', 'tenant_id'] -%}
        {{ first_by(column, 'rank_in_operation') }} as {{ column }},
        {% endfor -%}
        min(captured_at) as first_captured_at
    from observations
    where observations > 1 or not is_effective
    group by operation_key
),

operations as (
    select
        effective.operation_key,
        effective.kind,
        {% for column in ['interaction_id', 'resource_id', 'operation_id', 'user_id', 'tenant_id'] -%}
        coalesce(effective.{{ column }}, filled.{{ column }}) as {{ column }},
        {% endfor -%}
        effective.counted_credits as credits,
        effective.status,
        effective.source,
        effective.occurred_at,
        effective.usage_date,
        effective.environment,
        effective.corti_tenant,
        coalesce(filled.first_captured_at, effective.captured_at) as first_captured_at,
        effective.model,
        effective.input_tokens,
        effective.output_tokens,
        effective.observations
    from observations as effective
    left join filled on effective.operation_key = filled.operation_key
    where effective.is_effective
)

select * from operations
