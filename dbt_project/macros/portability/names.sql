{# Where the relations of the models are. All differences between engines are in this folder. #}

{% macro database_named(name) -%}
    {{ return(adapter.dispatch('database_named')(name)) }}
{%- endmacro %}

{# The database that a model's configuration names, else that of the target. #}
{% macro default__database_named(name) -%}
    {{ return(name or target.database) }}
{%- endmacro %}

{# Spark has schemas only. #}
{% macro spark__database_named(name) -%}
    {{ return(none) }}
{%- endmacro %}
