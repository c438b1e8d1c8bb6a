{# Keys, which not every engine spells alike. What engines differ in has its one home in this folder. #}

{% macro narrow_key(columns) -%}
    {{ return(adapter.dispatch('narrow_key')(columns)) }}
{%- endmacro %}

{#
    16 bytes that stand for a tuple of texts. Each text goes in behind its length, and an absent one as a length that is
    missing, so that no two tuples read alike.
#}
{% macro default__narrow_key(columns) -%}
    cast(md5(concat(
        {%- for column in columns %}
        coalesce(cast(length({{ column }}) as varchar) || ':' || {{ column }}, ':'){{ ',' if not loop.last }}
        {%- endfor %}
    )) as uuid)
{%- endmacro %}

{% macro narrow_key_of_text(text) -%}
    {{ return(adapter.dispatch('narrow_key_of_text')(text)) }}
{%- endmacro %}

{# 16 bytes that stand for one text; half the cost of a key of several. #}
{% macro default__narrow_key_of_text(text) -%}
    md5_number({{ text }})
{%- endmacro %}

{% macro key_as_text(key) -%}
    {{ return(adapter.dispatch('key_as_text')(key)) }}
{%- endmacro %}

{% macro default__key_as_text(key) -%}
    replace(cast({{ key }} as varchar), '-', '')
{%- endmacro %}

{% macro hash_of_rows(columns, place) -%}
    {{ return(adapter.dispatch('hash_of_rows')(columns, place)) }}
{%- endmacro %}

{# SHA-256, as hexadecimal digits, over the rows of a group in order: each text behind its length, rows by line ends. #}
{% macro default__hash_of_rows(columns, place) -%}
    sha256(string_agg(
            concat(
                {%- for column in columns %}
                coalesce(cast(length({{ column }}) as varchar) || ':' || {{ column }}, ':'){{ ',' if not loop.last }}
                {%- endfor %}
            ), chr(10) order by {{ place }}
        ))
{%- endmacro %}
