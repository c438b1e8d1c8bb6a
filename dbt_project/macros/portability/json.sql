{# JSON, which not every engine spells alike. What engines differ in has its one home in this folder. #}

{% macro flat_json(columns) -%}
    {{ return(adapter.dispatch('flat_json')(columns)) }}
{%- endmacro %}

{# A JSON object, as a text, of columns by the names that they get in it. #}
{% macro default__flat_json(columns) -%}
    cast(json_object(
        {%- for name, column in columns.items() %}
        '{{ name }}', {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}
