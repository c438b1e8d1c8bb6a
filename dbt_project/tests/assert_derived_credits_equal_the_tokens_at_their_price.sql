{{ config(meta={'dagster': {'ref': {'name': 'fct_credit_usage'}}}) }}

-- All of history in each build: the totals of a version count on it.
with calls as (
    select operation_key, usage_date, occurred_at, kind, model, input_tokens, output_tokens, cached_input_tokens
    from {{ ref('int_usage_observations') }}
    where
        is_effective
        and {{ has_tokens_only() }}
),

prices as (
    select * from {{ ref('int_token_prices') }}
),

priced as (
    select
        calls.usage_date,
        {{ credits_of_tokens('calls', 'prices') }} as credits,
        row_number() over (
            partition by calls.operation_key
            order by
                {{ most_specific_price('prices') }}
        ) as place
    from calls
    left join prices
        on
            {{ is_price_of('prices', 'calls') }}
            and {{ holds_at('prices', 'calls.occurred_at') }}
),

tokens as (
    select
        usage_date,
        count(*) as operations,
        coalesce(sum(credits), 0) as credits
    from priced
    where place = 1
    group by usage_date
),

fact as (
    select
        usage_date,
        count(*) as operations,
        sum(credits) as credits
    from {{ ref('fct_credit_usage') }}
    where credits_basis <> 'reported'
    group by usage_date
)

{{ differences('tokens', 'fact', ['usage_date'], ['operations', 'credits']) }}
