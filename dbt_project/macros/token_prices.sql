{#
    Credits that are derived from tokens. Decimals have few enough digits for every engine, and one factor of a product
    has 19: DuckDB keeps a product of two of up to 18 digits in 18.
#}

{% macro per_token(per_million) -%}
    cast({{ per_million }} * cast(0.000001 as decimal(7, 6)) as decimal(21, 15))
{%- endmacro %}

{# The largest number of tokens of a call that is multiplied, and the largest credits of an operation. #}
{% macro most_tokens() -%}
    {{ return('999999999999') }}
{%- endmacro %}

{% macro most_derived_credits() -%}
    {{ return('999999999') }}
{%- endmacro %}

{% macro _tokens(column) -%}
    cast(coalesce({{ column }}, 0) as decimal(12, 0))
{%- endmacro %}

{#
    The credits of a call by its tokens and prices per token, rounded to 9 places; null beyond what can be charged.
    Cached tokens are part of the input tokens. `calls` and `prices` are relations of the calling model.
#}
{% macro credits_of_tokens(calls, prices) -%}
    {%- set input, output = calls ~ '.input_tokens', calls ~ '.output_tokens' -%}
    {%- set cached = 'least(coalesce(' ~ calls ~ '.cached_input_tokens, 0), coalesce(' ~ input ~ ', 0))' -%}
    {%- set sum -%}
        {{ _tokens(input ~ ' - ' ~ cached) }} * cast({{ prices }}.input_price as decimal(19, 15))
            + {{ _tokens(cached) }} * cast({{ prices }}.cached_input_price as decimal(19, 15))
            + {{ _tokens(output) }} * cast({{ prices }}.output_price as decimal(19, 15))
    {%- endset -%}
    case
            when coalesce({{ input }}, 0) > {{ most_tokens() }} or coalesce({{ output }}, 0) > {{ most_tokens() }} then null
            when {{ sum }} > {{ most_derived_credits() }} then null
            else cast({{ sum }} as decimal(18, 9))
        end
{%- endmacro %}

{# Whether a price, of a relation `prices`, is for the model and kind of a row of `calls`. #}
{% macro is_price_of(prices, calls) -%}
    coalesce({{ prices }}.kind, {{ calls }}.kind) = {{ calls }}.kind
            and case
                when {{ prices }}.model_prefix is null then {{ calls }}.model = {{ prices }}.model
                else left(coalesce({{ calls }}.model, ''), length({{ prices }}.model_prefix)) = {{ prices }}.model_prefix
            end
{%- endmacro %}

{#
    The order of prices for one call: a delivered one before a listed one, one for its kind before others, the model's own
    before the longest prefix.
#}
{% macro most_specific_price(prices) -%}
    case when {{ prices }}.is_listed then 1 else 0 end,
                case when {{ prices }}.kind is null then 1 else 0 end,
                case when {{ prices }}.model_prefix is null then 0 else 1 end,
                length({{ prices }}.model) desc
{%- endmacro %}

{#
    Calls with the credits of their tokens at the most specific price of their time, as `token_credits`, and with the model
    and the origin of that price. Calls without a price are left out. `calls` and `prices` are CTEs of the calling model.
    There are few models, so each is compared with the prices once.
#}
{% macro with_token_credits(calls, prices) -%}
    select *
    from (
        select
            {{ calls }}.*,
            {{ credits_of_tokens(calls, 'prices_of_models') }} as token_credits,
            prices_of_models.price_of,
            prices_of_models.is_listed,
            row_number() over (
                partition by {{ calls }}.operation_key order by prices_of_models.place
            ) as price_place
        from {{ calls }}
        inner join (
            select
                models.kind as called_kind,
                models.model as called_model,
                {{ prices }}.model as price_of,
                {{ prices }}.is_listed,
                {{ prices }}.input_price,
                {{ prices }}.output_price,
                {{ prices }}.cached_input_price,
                {{ prices }}.valid_from,
                {{ prices }}.valid_to,
                row_number() over (
                    partition by models.kind, models.model
                    order by
                        {{ most_specific_price(prices) }},
                        {{ prices }}.valid_from
                ) as place
            from (select distinct kind, coalesce(model, '') as model from {{ calls }}) as models
            inner join {{ prices }} on {{ is_price_of(prices, 'models') }}
        ) as prices_of_models
            on
                {{ calls }}.kind = prices_of_models.called_kind
                and coalesce({{ calls }}.model, '') = prices_of_models.called_model
                and {{ holds_at('prices_of_models', calls ~ '.occurred_at') }}
    ) as priced
    where price_place = 1
{%- endmacro %}
