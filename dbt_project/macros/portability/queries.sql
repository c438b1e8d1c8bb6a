{# Turns of a query that not every engine has. What engines differ in has its one home in this folder. #}

{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once')()) }}
{%- endmacro %}

{# Between `as` and the bracket of a CTE that several steps read: an engine that would compute it for each keeps it. #}
{% macro default__computed_once() -%}
    materialized
{%- endmacro %}

{% macro computed_where_read() -%}
    {{ return(adapter.dispatch('computed_where_read')()) }}
{%- endmacro %}

{# The opposite: steps that each need a few columns of a CTE compute those alone. #}
{% macro default__computed_where_read() -%}
    not materialized
{%- endmacro %}

{% macro first_by(value, rank) -%}
    {{ return(adapter.dispatch('first_by')(value, rank)) }}
{%- endmacro %}

{# The value of the lowest rank that has one. #}
{% macro default__first_by(value, rank) -%}
    min_by({{ value }}, {{ rank }}) filter (where {{ value }} is not null)
{%- endmacro %}
