{# JSON, which engines spell differently. All differences between engines are in this folder. #}

{% macro flat_json(columns) -%}
    {{ return(adapter.dispatch('flat_json')(columns)) }}
{%- endmacro %}

{# A JSON object as text; the arguments give the names of its fields and their columns. #}
{% macro default__flat_json(columns) -%}
    cast(json_object(
        {%- for name, column in columns.items() %}
        '{{ name }}', {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    ) as string)
{%- endmacro %}

{% macro spark__flat_json(columns) -%}
    to_json(named_struct(
        {%- for name, column in columns.items() %}
        '{{ name }}', {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    ), map('ignoreNullFields', 'false'))
{%- endmacro %}

{% macro member_of(json, name) -%}
    {{ return(adapter.dispatch('member_of')(json, name)) }}
{%- endmacro %}

{# The text of a member of a flat JSON object; null if it has none. #}
{% macro default__member_of(json, name) -%}
    json_extract_string({{ json }}, '$.{{ name }}')
{%- endmacro %}

{% macro spark__member_of(json, name) -%}
    get_json_object({{ json }}, '$.{{ name }}')
{%- endmacro %}
