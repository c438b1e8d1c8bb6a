-- depends_on: {{ ref('int_touched_charge_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_charge_dates'},
) }}

with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

rate_windows as (
    select * from {{ ref('int_rate_windows') }}
),

{% if is_incremental() -%}
touched_dates as (
    select * from {{ ref('int_touched_charge_dates') }}
),
{%- endif %}

concerned as (
    select
        reporting_date,
        usage_date,
        environment,
        corti_tenant,
        tenant_id,
        kind,
        occurred_at,
        credits,
        is_estimate,
        source,
        user_source
    from fact
    {% if is_incremental() -%}
    where {{ lies_on_dates_of('touched_dates') }}
    {%- endif %}
),

priced as (
    {{ with_rates('concerned', 'occurred_at', ['tenant_and_kind', 'tenant', 'kind', 'default']) }}
),

summed as (
    select
        'usage' as line_type,
        cast(date_trunc('month', reporting_date) as date) as month_start,
        reporting_date,
        usage_date,
        environment,
        corti_tenant,
        tenant_id,
        kind,
        cast(null as string) as adjustment_id,
        cast(null as string) as reason,
        coalesce(currency, {{ unrated() }}) as currency,
        max(currency_decimals) as currency_decimals,
        price_per_credit,
        cast(sum(credits) as decimal(38, 9)) as credits,
        cast(count(*) as bigint) as operations,
        {{ credits_by_basis() }}
    from priced
    group by
        reporting_date,
        usage_date,
        environment,
        corti_tenant,
        tenant_id,
        kind,
        currency,
        price_per_credit
)

select
    {{ charge_key() }} as charge_key,
    *,
    cast(credits * price_per_credit as decimal(38, 21)) as exact_amount
from summed
