{# Schemas have the same names in every target. #}

{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}

{% macro generate_database_name(custom_database_name, node) -%}
    {{ return(database_named(custom_database_name)) }}
{%- endmacro %}
