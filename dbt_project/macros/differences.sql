{#
    The groups in which two relations do not agree: rows of one that the other lacks, or sums that are not the same to
    the last place. Both relations are CTEs of the calling test with the columns `keys` and `measures`.
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
