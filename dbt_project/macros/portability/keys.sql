{# Keys, which engines spell differently. All differences between engines are in this folder. #}

{% macro narrow_key(columns) -%}
    {{ return(adapter.dispatch('narrow_key')(columns)) }}
{%- endmacro %}

{#
    A key of 16 bytes for a tuple of texts. Each text is hashed after its length, and an absent text as an absent
    length, so that no two tuples give the same input.
#}
{% macro default__narrow_key(columns) -%}
    cast(md5(concat(
        {%- for column in columns %}
        coalesce(cast(length({{ column }}) as string) || ':' || {{ column }}, ':'){{ ',' if not loop.last }}
        {%- endfor %}
    )) as uuid)
{%- endmacro %}

{# Spark has no type of 16 bytes, so a key is the text that `key_as_text` makes elsewhere. #}
{% macro spark__narrow_key(columns) -%}
    md5(concat(
        {%- for column in columns %}
        coalesce(cast(length({{ column }}) as string) || ':' || {{ column }}, ':'){{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{% macro narrow_key_type() -%}
    {{ return(adapter.dispatch('narrow_key_type')()) }}
{%- endmacro %}

{# The type of such a key. #}
{% macro default__narrow_key_type() -%}
    uuid
{%- endmacro %}

{% macro spark__narrow_key_type() -%}
    string
{%- endmacro %}

{% macro narrow_key_of_text(text) -%}
    {{ return(adapter.dispatch('narrow_key_of_text')(text)) }}
{%- endmacro %}

{# A key of 16 bytes for one text, at half the cost of a key of several. #}
{% macro default__narrow_key_of_text(text) -%}
    md5_number({{ text }})
{%- endmacro %}

{% macro spark__narrow_key_of_text(text) -%}
    md5({{ text }})
{%- endmacro %}

{% macro key_as_text(key) -%}
    {{ return(adapter.dispatch('key_as_text')(key)) }}
{%- endmacro %}

{% macro default__key_as_text(key) -%}
    replace(cast({{ key }} as string), '-', '')
{%- endmacro %}

{% macro spark__key_as_text(key) -%}
    {{ key }}
{%- endmacro %}

{% macro hash_of_rows(columns, place) -%}
    {{ return(adapter.dispatch('hash_of_rows')(columns, place)) }}
{%- endmacro %}

{# SHA-256 in hexadecimal digits over a group's ordered rows: each text after its length, line ends between rows. #}
{% macro default__hash_of_rows(columns, place) -%}
    sha256(string_agg(
            concat(
                {%- for column in columns %}
                coalesce(cast(length({{ column }}) as string) || ':' || {{ column }}, ':'){{ ',' if not loop.last }}
                {%- endfor %}
            ), chr(10) order by {{ place }}
        ))
{%- endmacro %}

{% macro spark__hash_of_rows(columns, place) -%}
    sha2(array_join(transform(array_sort(collect_list(struct(
            {{ place }} as place,
            concat(
                {%- for column in columns %}
                coalesce(cast(length({{ column }}) as string) || ':' || {{ column }}, ':'){{ ',' if not loop.last }}
                {%- endfor %}
            ) as content
        ))), placed -> placed.content), chr(10)), 256)
{%- endmacro %}
