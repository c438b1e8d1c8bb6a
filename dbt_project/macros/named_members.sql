{# Values in place of a missing or ambiguous id. They are never null, so BI filters show them. #}

{% macro unmapped() -%}
    '(unmapped)'
{%- endmacro %}

{% macro no_interaction() -%}
    '(none)'
{%- endmacro %}

{% macro several_owners() -%}
    '(multiple)'
{%- endmacro %}
