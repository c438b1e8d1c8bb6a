{# Values in place of a missing or ambiguous id. They are never null, so BI filters show them. #}

{% macro unmapped() -%}
    '(unmapped)'
{%- endmacro %}

{% macro no_interaction() -%}
    '(none)'
{%- endmacro %}

{# In place of the user and of the kind of an adjustment. #}
{% macro no_user() -%}
    '(none)'
{%- endmacro %}

{% macro adjustment_kind() -%}
    '(adjustment)'
{%- endmacro %}

{% macro several_owners() -%}
    '(multiple)'
{%- endmacro %}
