{# What a charge says but for its figures, in one order for every model that passes it on. #}
{% macro charge_attributes() -%}
    {{ return([
        'reporting_date', 'usage_date', 'environment', 'corti_tenant', 'tenant_id', 'kind', 'adjustment_id', 'reason',
        'currency', 'currency_decimals', 'price_per_credit',
    ]) }}
{%- endmacro %}

{# The figures of a charge that add up. #}
{% macro charge_figures() -%}
    {{ return(['credits', 'operations', 'estimated_credits', 'read_credits', 'fallback_credits', 'exact_amount']) }}
{%- endmacro %}

{# The sums of the figures over a group of charges, a select list. #}
{% macro summed_figures() -%}
    {% for figure in charge_figures() -%}
    sum({{ figure }}) as {{ figure }}{{ ',\n        ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# The figures with the other sign, a select list. #}
{% macro negated_figures() -%}
    {% for figure in charge_figures() -%}
    -{{ figure }} as {{ figure }}{{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
