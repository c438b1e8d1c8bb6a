{#
    The groups in which two relations differ: rows that are missing in one of them, or sums that are not exactly equal.
    Both relations are CTEs of the calling test with the columns `keys` and `measures`.
#}
{% macro differences(one, other, keys, measures) -%}
    select
        {% for key in keys -%}
        coalesce({{ one }}.{{ key }}, {{ other }}.{{ key }}) as {{ key }},
        {% endfor -%}
        {% for measure in measures -%}
        {{ one }}.{{ measure }} as {{ measure }}_in_{{ one }},
        {{ other }}.{{ measure }} as {{ measure }}_in_{{ other }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ one }}
    full join {{ other }}
        on {% for key in keys %}{{ one }}.{{ key }} = {{ other }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where
        {% for measure in measures -%}
        {{ one }}.{{ measure }} is distinct from {{ other }}.{{ measure }}{{ ' or ' if not loop.last }}
        {%- endfor %}
{%- endmacro %}
