{# What stands where an id is missing or is not one: never null, so that BI filters keep it in sight. #}

{% macro unmapped() -%}
    '(unmapped)'
{%- endmacro %}

{% macro no_interaction() -%}
    '(none)'
{%- endmacro %}

{% macro several_owners() -%}
    '(multiple)'
{%- endmacro %}
