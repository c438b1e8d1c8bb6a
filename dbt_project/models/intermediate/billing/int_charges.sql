-- depends_on: {{ ref('int_touched_charge_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_charge_dates'},
) }}

with charges as (
    select * from {{ ref('fct_credit_charges') }} where charge_type = 'usage'
),

{% if is_incremental() -%}
touched_dates as (
    select * from {{ ref('int_touched_charge_dates') }}
),
{%- endif %}

concerned as (
    select * from charges
    {% if is_incremental() -%}
    where {{ lies_on_dates_of('touched_dates') }}
    {%- endif %}
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
        currency,
        max(currency_decimals) as currency_decimals,
        price_per_credit,
        cast(sum(credits) as decimal(38, 9)) as credits,
        cast(count(*) as bigint) as operations,
        {{ credits_by_basis() }},
        cast(coalesce(sum(case when credits_basis = 'derived' then credits end), 0) as decimal(38, 9))
            as derived_credits
    from concerned
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
