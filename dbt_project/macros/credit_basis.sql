{# How many of a group's credits are less certain than a creating call's own figure; over rows of the fact. #}
{% macro credits_by_basis() -%}
    cast(coalesce(sum(case when is_estimate then credits end), 0) as decimal(38, 9)) as estimated_credits,
        cast(coalesce(sum(case when source = 'read' then credits end), 0) as decimal(38, 9)) as read_credits,
        cast(coalesce(sum(case when user_source = 'corti' then credits end), 0) as decimal(38, 9)) as fallback_credits
{%- endmacro %}
