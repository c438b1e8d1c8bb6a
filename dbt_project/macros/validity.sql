{# The start of a window without a stated start. #}
{% macro beginning_of_time() -%}
    timestamp '1900-01-01 00:00:00'
{%- endmacro %}

{# Whether a validity window holds at the time of the build. #}
{% macro holds_now() -%}
    valid_from <= {{ now_in_utc() }} and (valid_to is null or valid_to > {{ now_in_utc() }})
{%- endmacro %}

{# Whether a validity window of a relation holds at an instant. #}
{% macro holds_at(windows, instant) -%}
    {{ instant }} >= {{ windows }}.valid_from
            and ({{ windows }}.valid_to is null or {{ instant }} < {{ windows }}.valid_to)
{%- endmacro %}
