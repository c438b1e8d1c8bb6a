{# Query constructs that not every engine has. All differences between engines are in this folder. #}

{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once')()) }}
{%- endmacro %}

{# Goes between `as` and the bracket of a CTE that several steps read, so that the engine computes it only once. #}
{% macro default__computed_once() -%}
    materialized
{%- endmacro %}

{# Spark decides by itself. #}
{% macro spark__computed_once() -%}
{%- endmacro %}

{% macro computed_where_read() -%}
    {{ return(adapter.dispatch('computed_where_read')()) }}
{%- endmacro %}

{# The opposite: each step computes only the few columns of the CTE that it needs. #}
{% macro default__computed_where_read() -%}
    not materialized
{%- endmacro %}

{% macro spark__computed_where_read() -%}
{%- endmacro %}

{% macro first_by(value, rank) -%}
    {{ return(adapter.dispatch('first_by')(value, rank)) }}
{%- endmacro %}

{# The first value, by rank, that is not null. #}
{% macro default__first_by(value, rank) -%}
    min_by({{ value }}, {{ rank }}) filter (where {{ value }} is not null)
{%- endmacro %}
