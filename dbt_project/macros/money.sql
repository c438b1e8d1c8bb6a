{# What a credit costs by Corti's public list, as a comparable figure beside agreed prices. #}
{% macro price_by_the_list() -%}
    {{ number_setting('list_price', 'CREDITS_LIST_PRICE', '1') }}
{%- endmacro %}

{% macro currency_of_the_list() -%}
    {{ text_setting('list_currency', 'CREDITS_LIST_CURRENCY', 'USD') }}
{%- endmacro %}

{# A select list: sums over charges of one currency and list currency. #}
{% macro summed_charges() -%}
    cast(sum(credits) as decimal(38, 9)) as credits,
        count(operation_key) as operations,
        cast(sum(amount) as decimal(38, 21)) as amount,
        cast(sum(case when charge_type = 'adjustment' then credits else 0 end) as decimal(38, 9)) as adjustment_credits,
        cast(sum(case when rate_status = 'unrated' then credits else 0 end) as decimal(38, 9)) as unrated_credits,
        cast(sum(case when credits_basis = 'derived' then credits else 0 end) as decimal(38, 9)) as derived_credits,
        list_currency,
        cast(sum(list_amount) as decimal(38, 18)) as list_amount
{%- endmacro %}

{# Amounts of money. A currency has at most 4 decimals (ISO 4217); without one an amount is null. #}

{% macro minor_unit(decimals) -%}
    cast(case {{ decimals }}
            when 0 then 1 when 1 then 0.1 when 2 then 0.01 when 3 then 0.001 when 4 then 0.0001
        end as decimal(38, 4))
{%- endmacro %}

{# Rounded to the currency's decimals, half away from zero. #}
{% macro half_up(amount, decimals) -%}
    case {{ decimals }}
            {% for places in range(5) -%}
            when {{ places }} then cast(round({{ amount }}, {{ places }}) as decimal(38, 4))
            {% endfor -%}
        end
{%- endmacro %}
