{# Schemas and databases are named as the models say, in every target: the files behind them differ. #}

{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}

{% macro generate_database_name(custom_database_name, node) -%}
    {{ custom_database_name or target.database }}
{%- endmacro %}
