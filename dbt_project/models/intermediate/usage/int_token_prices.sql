with delivered as (
    {{ mapping_history(
        ref('stg_token_prices'),
        'model',
        ['input_per_million', 'output_per_million', 'cached_input_per_million']
    ) }}
),

listed as (
    select * from {{ ref('stg_listed_token_prices') }}
),

prices as (
    select
        model,
        cast(null as string) as kind,
        false as is_listed,
        input_per_million,
        output_per_million,
        cached_input_per_million,
        valid_from,
        valid_to
    from delivered
    union all
    select
        model,
        kind,
        true as is_listed,
        input_per_million,
        output_per_million,
        cached_input_per_million,
        {{ beginning_of_time() }} as valid_from,
        cast(null as timestamp) as valid_to
    from listed
),

per_token as (
    select
        {{ key_as_text(narrow_key([
            'model', 'kind', 'cast(is_listed as string)', 'cast(valid_from as string)'
        ])) }} as price_key,
        model,
        case when right(model, 1) = '*' then left(model, length(model) - 1) end as model_prefix,
        kind,
        is_listed,
        {{ per_token('input_per_million') }} as input_price,
        {{ per_token('output_per_million') }} as output_price,
        {{ per_token('coalesce(cached_input_per_million, input_per_million)') }} as cached_input_price,
        valid_from,
        valid_to
    from prices
)

select * from per_token
