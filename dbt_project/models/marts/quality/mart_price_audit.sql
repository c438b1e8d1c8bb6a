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

-- There are few models, so each is compared with the prices once.
prices_of_models as (
    select
        models.kind as called_kind,
        models.model as called_model,
        prices.*,
        row_number() over (
            partition by models.kind, models.model
            order by
                {{ most_specific_price('prices') }},
                prices.valid_from
        ) as place
    from (select distinct kind, coalesce(model, '') as model from calls) as models
    inner join prices on {{ is_price_of('prices', 'models') }}
),

priced as (
    select
        calls.*,
        {{ credits_of_tokens('calls', 'prices') }} as recomputed_credits,
        prices.model as price_of,
        prices.is_listed,
        row_number() over (partition by calls.operation_key order by prices.place) as place
    from calls
    inner join prices_of_models as prices
        on
            calls.kind = prices.called_kind
            and coalesce(calls.model, '') = prices.called_model
            and {{ holds_at('prices', 'calls.occurred_at') }}
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
        recomputed_credits,
        cast(credits - recomputed_credits as decimal(18, 9)) as difference
    from priced
    where
        place = 1
        and credits <> recomputed_credits
        and credits <> cast(recomputed_credits as decimal(18, 6))
)

select * from differing
