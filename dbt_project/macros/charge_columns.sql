{# The columns of a charge except its figures, in the same order for every model. #}
{% macro charge_attributes() -%}
    {{ return([
        'reporting_date', 'usage_date', 'environment', 'corti_tenant', 'tenant_id', 'kind', 'adjustment_id', 'reason',
        'currency', 'currency_decimals', 'price_per_credit',
    ]) }}
{%- endmacro %}

{# The figures of a charge, which can be added up. #}
{% macro charge_figures() -%}
    {{ return([
        'credits', 'operations', 'estimated_credits', 'read_credits', 'fallback_credits', 'derived_credits', 'exact_amount',
    ]) }}
{%- endmacro %}

{# A select list: the sums of the figures over a group of charges. #}
{% macro summed_figures() -%}
    {% for figure in charge_figures() -%}
    sum({{ figure }}) as {{ figure }}{{ ',\n        ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# A select list: the figures with the opposite sign. #}
{% macro negated_figures() -%}
    {% for figure in charge_figures() -%}
    -{{ figure }} as {{ figure }}{{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
