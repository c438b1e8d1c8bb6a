{# Hours and shorter times, which engines spell differently. All differences between engines are in this folder. #}

{% macro hour_of_week(instant) -%}
    {{ return(adapter.dispatch('hour_of_week')(instant)) }}
{%- endmacro %}

{# The hour of the week of an instant, in UTC: from 0, which begins on Monday at midnight, to 167. #}
{% macro default__hour_of_week(instant) -%}
    cast((extract(isodow from {{ instant }}) - 1) * 24 + extract(hour from {{ instant }}) as integer)
{%- endmacro %}

{% macro hours_later(instant, hours) -%}
    {{ return(adapter.dispatch('hours_later')(instant, hours)) }}
{%- endmacro %}

{# An instant a number of whole hours later, or earlier if the number is negative. #}
{% macro default__hours_later(instant, hours) -%}
    {{ instant }} + interval ({{ hours }}) hour
{%- endmacro %}

{% macro hours_between(first_hour, last_hour) -%}
    {{ return(adapter.dispatch('hours_between')(first_hour, last_hour)) }}
{%- endmacro %}

{# The number of hours between the starts of two hours. #}
{% macro default__hours_between(first_hour, last_hour) -%}
    cast(date_diff('hour', {{ first_hour }}, {{ last_hour }}) as integer)
{%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}

{# The seconds between two instants, with their fraction. #}
{% macro default__seconds_between(earlier, later) -%}
    cast(date_diff('microsecond', {{ earlier }}, {{ later }}) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6))
{%- endmacro %}

{% macro seconds_later(instant, seconds) -%}
    {{ return(adapter.dispatch('seconds_later')(instant, seconds)) }}
{%- endmacro %}

{# An instant a number of seconds later; the number may have up to 6 decimal places. #}
{% macro default__seconds_later(instant, seconds) -%}
    {{ instant }} + to_microseconds(cast(cast({{ seconds }} as decimal(38, 6)) * 1000000 as bigint))
{%- endmacro %}

{% macro whole_numbers(first, last) -%}
    {{ return(adapter.dispatch('whole_numbers')(first, last)) }}
{%- endmacro %}

{# A column `number` with every whole number from the first to the last. #}
{% macro default__whole_numbers(first, last) -%}
    select cast(number as integer) as number from unnest(generate_series({{ first }}, {{ last }})) as numbers (number)
{%- endmacro %}

{% macro minute_as_text(instant) -%}
    {{ return(adapter.dispatch('minute_as_text')(instant)) }}
{%- endmacro %}

{# An instant in the form that people read: day and minute, in UTC. #}
{% macro default__minute_as_text(instant) -%}
    strftime({{ instant }}, '%Y-%m-%d %H:%M') || ' UTC'
{%- endmacro %}
