{#
    Rows with the most specific rate of the given scopes that holds at the row's instant. Scopes are `tenant_and_kind`,
    `tenant`, `kind` and `default`. `rate_windows` is a CTE of the calling model. Without a rate the price is null.
#}
{% macro with_rates(rows, instant, scopes) -%}
    select
        {{ rows }}.*,
        {% for column in ['price_per_credit', 'currency', 'currency_decimals'] -%}
        coalesce(
            {%- for scope in scopes %}of_{{ scope }}.{{ column }}{{ ', ' if not loop.last }}{% endfor -%}
        ) as {{ column }}{{ ',' if not loop.last }}
        {% endfor -%}
    from {{ rows }}
    {% for scope in scopes -%}
    left join rate_windows as of_{{ scope }}
        on
            {% for key in ['tenant_id', 'kind'] -%}
            {% set narrowed = key[:4] in scope -%}
            of_{{ scope }}.{{ key }} {{ '= ' ~ rows ~ '.' ~ key if narrowed else 'is null' }}
            and {% endfor -%}
            {{ holds_at('of_' ~ scope, rows ~ '.' ~ instant) }}
    {% endfor -%}
{%- endmacro %}

{# The word in place of a currency if there is no rate. #}
{% macro unrated() -%}
    '(unrated)'
{%- endmacro %}

{#
    The key that identifies a charge on statements. Frozen charges contain it, so it must never be made in another way:
    all of them would be taken back and billed again.
#}
{% macro charge_key() -%}
    {{ key_as_text(narrow_key([
        'line_type', 'cast(reporting_date as string)', 'cast(usage_date as string)', 'environment', 'corti_tenant',
        'tenant_id', 'kind', 'adjustment_id', 'currency', 'cast(price_per_credit as string)',
    ])) }}
{%- endmacro %}
