{# How many days a projection looks ahead at most. #}
{% macro days_in_sight() -%}
    {{ return(400) }}
{%- endmacro %}

{# The day on which a current period's allowance was reached or, at a pace, will be; null if it is too far ahead. #}
{% macro exhausted_on(used, pace, rolling_exhausted_on) -%}
    case
            when not {{ used }}.is_current then null
            when {{ is_rolling(used ~ '.period') }} then coalesce({{ used }}.reached_on, {{ rolling_exhausted_on }})
            else coalesce(
                {{ used }}.reached_on,
                {{ days_later(used ~ '.as_of_date', steps_to_reach(used ~ '.to_reach', pace, days_in_sight())) }}
            )
        end
{%- endmacro %}

{# The day, in its subject's zone, on which a quota's window begins or ends. A date alone lands as midnight UTC, and
   means that date in every zone. #}
{% macro day_of_edge(instant, zone) -%}
    case
            when {{ instant }} = date_trunc('day', {{ instant }}) then cast({{ instant }} as date)
            else {{ date_in_zone(instant, "coalesce(" ~ zone ~ ", 'UTC')") }}
        end
{%- endmacro %}
