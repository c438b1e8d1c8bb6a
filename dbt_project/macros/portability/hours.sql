{# Hours and shorter times, which engines spell differently. All differences between engines are in this folder. #}

{% macro start_of_hour(instant) -%}
    {{ return(adapter.dispatch('start_of_hour')(instant)) }}
{%- endmacro %}

{# The start of the hour of an instant, of the same type. #}
{% macro default__start_of_hour(instant) -%}
    date_trunc('hour', {{ instant }})
{%- endmacro %}

{% macro spark__start_of_hour(instant) -%}
    cast(date_trunc('hour', {{ instant }}) as timestamp_ntz)
{%- endmacro %}

{% macro hour_of_week(instant) -%}
    {{ return(adapter.dispatch('hour_of_week')(instant)) }}
{%- endmacro %}

{# The hour of the week of an instant, in UTC: from 0, which begins on Monday at midnight, to 167. #}
{% macro default__hour_of_week(instant) -%}
    cast((extract(isodow from {{ instant }}) - 1) * 24 + extract(hour from {{ instant }}) as integer)
{%- endmacro %}

{% macro spark__hour_of_week(instant) -%}
    cast(weekday({{ instant }}) * 24 + hour({{ instant }}) as integer)
{%- endmacro %}

{% macro hours_later(instant, hours) -%}
    {{ return(adapter.dispatch('hours_later')(instant, hours)) }}
{%- endmacro %}

{# An instant a number of whole hours later, or earlier if the number is negative. #}
{% macro default__hours_later(instant, hours) -%}
    {{ instant }} + interval ({{ hours }}) hour
{%- endmacro %}

{% macro spark__hours_later(instant, hours) -%}
    {{ instant }} + make_dt_interval(0, cast({{ hours }} as int))
{%- endmacro %}

{% macro hours_between(first_hour, last_hour) -%}
    {{ return(adapter.dispatch('hours_between')(first_hour, last_hour)) }}
{%- endmacro %}

{# The number of hours between the starts of two hours. #}
{% macro default__hours_between(first_hour, last_hour) -%}
    cast(date_diff('hour', {{ first_hour }}, {{ last_hour }}) as integer)
{%- endmacro %}

{% macro spark__hours_between(first_hour, last_hour) -%}
    cast(timestampdiff(hour, {{ first_hour }}, {{ last_hour }}) as integer)
{%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}

{# The seconds between two instants, with their fraction. #}
{% macro default__seconds_between(earlier, later) -%}
    cast(date_diff('microsecond', {{ earlier }}, {{ later }}) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6))
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    cast(
            timestampdiff(microsecond, {{ earlier }}, {{ later }}) * cast(0.000001 as decimal(6, 6)) as decimal(18, 6)
        )
{%- endmacro %}

{% macro seconds_later(instant, seconds) -%}
    {{ return(adapter.dispatch('seconds_later')(instant, seconds)) }}
{%- endmacro %}

{# An instant a number of seconds later; the number may have up to 6 decimal places. #}
{% macro default__seconds_later(instant, seconds) -%}
    {{ instant }} + to_microseconds(cast(cast({{ seconds }} as decimal(38, 6)) * 1000000 as bigint))
{%- endmacro %}

{# Whole days apart, since the seconds of an interval have at most 12 digits before the point. #}
{% macro spark__seconds_later(instant, seconds) -%}
    {%- set exactly = 'cast(' ~ seconds ~ ' as decimal(38, 6))' -%}
    {{ instant }} + make_dt_interval(
            cast({{ exactly }} div 86400 as int), 0, 0, cast({{ exactly }} % 86400 as decimal(18, 6))
        )
{%- endmacro %}

{% macro whole_numbers(first, last) -%}
    {{ return(adapter.dispatch('whole_numbers')(first, last)) }}
{%- endmacro %}

{# A column `number` with every whole number from the first to the last. #}
{% macro default__whole_numbers(first, last) -%}
    select cast(number as integer) as number from unnest(generate_series({{ first }}, {{ last }})) as numbers (number)
{%- endmacro %}

{% macro spark__whole_numbers(first, last) -%}
    select explode(sequence({{ first }}, {{ last }})) as number
{%- endmacro %}

{% macro minute_as_text(instant) -%}
    {{ return(adapter.dispatch('minute_as_text')(instant)) }}
{%- endmacro %}

{# An instant in the form that people read: day and minute, in UTC. #}
{% macro default__minute_as_text(instant) -%}
    strftime({{ instant }}, '%Y-%m-%d %H:%M') || ' UTC'
{%- endmacro %}

{% macro spark__minute_as_text(instant) -%}
    date_format({{ instant }}, 'yyyy-MM-dd HH:mm') || ' UTC'
{%- endmacro %}
