-- depends_on: {{ ref('int_touched_audit_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='usage_date',
    meta={'touched_by': 'int_touched_audit_dates'},
) }}

with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

prices as (
    select * from {{ ref('int_token_prices') }}
),

calls as (
    select *
    from fact
    where
        credits_basis = 'reported'
        and status in ('final', 'metered')
        and (input_tokens is not null or output_tokens is not null)
        {% if is_incremental() -%}
        and usage_date in (select usage_date from {{ ref('int_touched_audit_dates') }})
        {%- endif %}
),

priced as (
    {{ with_token_credits('calls', 'prices') }}
),

-- A figure that is rounded to 6 places is right too.
differing as (
    select
        operation_key,
        kind,
        interaction_id,
        user_id,
        tenant_id,
        usage_date,
        occurred_at,
        model,
        input_tokens,
        output_tokens,
        cached_input_tokens,
        case when is_listed then 'list' else 'delivered' end as price_origin,
        price_of,
        credits as reported_credits,
        token_credits as recomputed_credits,
        cast(credits - token_credits as decimal(18, 9)) as difference
    from priced
    where
        credits <> token_credits
        and credits <> cast(token_credits as decimal(18, 6))
)

select * from differing
