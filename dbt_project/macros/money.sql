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
