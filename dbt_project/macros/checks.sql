{# What checks compare; see docs/decisions on whole checks. #}

{#
    Whether the checks of this build compare all of history: in a full build, in the first build of a day and on request.
    In other builds, checks of large tables compare what the run touches. The pipeline sets the environment variable.
#}
{% macro is_whole_check() -%}
    {{ return(should_full_refresh() or are_whole_checks_asked()) }}
{%- endmacro %}

{% macro are_whole_checks_asked() -%}
    {{ return(text_setting('whole_checks', 'CREDITS_WHOLE_CHECKS', 'no') | trim == "'yes'") }}
{%- endmacro %}

{#
    The condition of a check that compares touched keys only; nothing in a whole check. `touched_by` is the relation that
    lists them, and `touched_key` its column if that has another name. A ref must be an argument, not within a condition:
    dbt finds it only where it is always evaluated.
#}
{% macro where_touched(key, touched_by, touched_key=none) -%}
    {%- if not is_whole_check() -%}
    where {{ key }} in (select {{ touched_key or key }} from {{ touched_by }})
    {%- endif -%}
{%- endmacro %}

{# The same for a check that has another condition already. #}
{% macro and_touched(key, touched_by, touched_key=none) -%}
    {%- if not is_whole_check() -%}
    and {{ key }} in (select {{ touched_key or key }} from {{ touched_by }})
    {%- endif -%}
{%- endmacro %}

{# The same for rows of the fact, by reporting date. #}
{% macro where_on_touched_dates(touched_by) -%}
    {%- if not is_whole_check() -%}
    where {{ lies_on_dates_of(touched_by) }}
    {%- endif -%}
{%- endmacro %}

{# The same for dates, by month. #}
{% macro where_in_touched_months(date, touched_by, month) -%}
    {%- if not is_whole_check() -%}
    where {{ lies_in_months_of(date, touched_by, month) }}
    {%- endif -%}
{%- endmacro %}
