{# Texts, which engines spell differently. All differences between engines are in this folder. #}

{% macro without_trailing(text, character) -%}
    {{ return(adapter.dispatch('without_trailing')(text, character)) }}
{%- endmacro %}

{# A text without the given character at its end, however often it stands there. #}
{% macro default__without_trailing(text, character) -%}
    rtrim({{ text }}, '{{ character }}')
{%- endmacro %}

{% macro spark__without_trailing(text, character) -%}
    trim(trailing '{{ character }}' from {{ text }})
{%- endmacro %}

{% macro is_like(text, pattern) -%}
    {{ return(adapter.dispatch('is_like')(text, pattern)) }}
{%- endmacro %}

{# Whether a part of a text matches a regular expression, which must have no backslash and no quote. #}
{% macro default__is_like(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__is_like(text, pattern) -%}
    {{ text }} rlike '{{ pattern }}'
{%- endmacro %}
