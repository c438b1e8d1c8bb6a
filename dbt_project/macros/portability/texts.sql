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

{% macro text_literal(text) -%}
    {{ return(adapter.dispatch('text_literal')(text)) }}
{%- endmacro %}

{# A text as a literal. #}
{% macro default__text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__text_literal(text) -%}
    '{{ spark__escape_single_quotes(text) }}'
{%- endmacro %}

{#
    What stands between the quotes of a literal. dbt calls it for the texts of unit tests; its own macro for Spark leaves
    backslashes as they are, which begin an escape there.
#}
{% macro spark__escape_single_quotes(text) -%}
    {{ text | replace('\\', '\\\\') | replace("'", "\\'") }}
{%- endmacro %}
