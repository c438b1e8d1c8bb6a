-- depends_on: {{ ref('int_touched_cost_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_cost_dates', 'partitioned_by': 'usage_date', 'has_dimensions': true},
) }}

with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

adjustment_charges as (
    select * from {{ ref('int_adjustment_charges') }}
),

rate_windows as (
    select * from {{ ref('int_rate_windows') }}
),

{% if is_incremental() -%}
touched_dates as (
    select * from {{ ref('int_touched_cost_dates') }}
),
{%- endif %}

concerned as (
    select * from fact
    {% if is_incremental() -%}
    where {{ lies_on_dates_of('touched_dates') }}
    {%- endif %}
),

priced as (
    {{ with_rates('concerned', 'occurred_at', ['tenant_and_kind', 'tenant', 'kind', 'default']) }}
),

charges as (
    select
        operation_key as charge_key,
        'usage' as charge_type,
        operation_key,
        cast(null as string) as adjustment_id,
        interaction_id,
        user_id,
        tenant_id,
        kind,
        reporting_date,
        usage_date,
        environment,
        corti_tenant,
        credits,
        credits_basis,
        is_estimate,
        source,
        user_source,
        price_per_credit,
        {% for column in dimension_columns() -%}
        {{ column }},
        {% endfor -%}
        currency,
        currency_decimals
    from priced

    union all

    select
        charge_key,
        'adjustment' as charge_type,
        cast(null as string) as operation_key,
        adjustment_id,
        cast(null as string) as interaction_id,
        coalesce(user_id, {{ no_user() }}) as user_id,
        tenant_id,
        {{ adjustment_kind() }} as kind,
        reporting_date,
        usage_date,
        environment,
        corti_tenant,
        cast(credits as decimal(18, 9)) as credits,
        cast(null as string) as credits_basis,
        cast(null as boolean) as is_estimate,
        cast(null as string) as source,
        cast(null as string) as user_source,
        price_per_credit,
        {% for column in dimension_columns() -%}
        {{ no_dimension() }} as {{ column }},
        {% endfor -%}
        nullif(currency, {{ unrated() }}) as currency,
        currency_decimals
    from adjustment_charges
    {% if is_incremental() -%}
    where reporting_date in (select reporting_date from touched_dates)
    {%- endif %}
),

with_amounts as (
    select
        charge_key,
        charge_type,
        operation_key,
        adjustment_id,
        interaction_id,
        user_id,
        tenant_id,
        kind,
        reporting_date,
        usage_date,
        environment,
        corti_tenant,
        credits,
        credits_basis,
        is_estimate,
        source,
        user_source,
        case when price_per_credit is null then 'unrated' else 'rated' end as rate_status,
        price_per_credit,
        coalesce(currency, {{ unrated() }}) as currency,
        currency_decimals,
        cast(credits * price_per_credit as decimal(38, 21)) as amount,
        {{ currency_of_the_list() }} as list_currency,
        {% for column in dimension_columns() -%}
        {{ column }},
        {% endfor -%}
        cast(credits * cast({{ price_by_the_list() }} as decimal(19, 9)) as decimal(38, 18)) as list_amount
    from charges
)

select * from with_amounts
