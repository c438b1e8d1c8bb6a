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

token_prices as (
    select * from {{ ref('int_token_prices') }}
),

-- Ids and owners that the effective observation lacks come from the next one in rank that has them.
filled as (
    select
        operation_key,
        {% for column in ['interaction_id', 'resource_id', 'operation_id', 'user_id', 'tenant_id', 'dimensions'] -%}
        {{ first_by(column, 'rank_in_operation') }} as {{ column }},
        {% endfor -%}
        min(captured_at) as first_captured_at
    from observations
    where observations > 1 or not is_effective
    group by operation_key
),

effective as (
    select
        *,
        {{ has_tokens_only() }} as has_tokens_only
    from observations
    where is_effective
),

calls as (
    select operation_key, kind, model, occurred_at, input_tokens, output_tokens, cached_input_tokens
    from effective
    where has_tokens_only
),

derived as (
    {{ with_token_credits('calls', 'token_prices') }}
),

operations as (
    select
        effective.operation_key,
        effective.kind,
        {% for column in ['interaction_id', 'resource_id', 'operation_id', 'user_id', 'tenant_id', 'dimensions'] -%}
        coalesce(effective.{{ column }}, filled.{{ column }}) as {{ column }},
        {% endfor -%}
        coalesce(derived.token_credits, effective.counted_credits) as credits,
        case
            when not effective.has_tokens_only then 'reported'
            when derived.token_credits is not null then 'derived'
            else 'unpriced'
        end as credits_basis,
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
        effective.cached_input_tokens,
        effective.observations
    from effective
    left join filled on effective.operation_key = filled.operation_key
    left join derived on effective.operation_key = derived.operation_key
)

select * from operations
