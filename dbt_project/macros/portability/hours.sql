{# Hours and shorter times, which not every engine spells alike. What engines differ in has its one home in this folder. #}

{% macro hour_of_week(instant) -%}
    {{ return(adapter.dispatch('hour_of_week')(instant)) }}
{%- endmacro %}

{# Which hour of its week an instant lies in: 0 from Monday's midnight on, in UTC, up to 167. #}
{% macro default__hour_of_week(instant) -%}
    cast((extract(isodow from {{ instant }}) - 1) * 24 + extract(hour from {{ instant }}) as integer)
{%- endmacro %}

{% macro hours_later(instant, hours) -%}
    {{ return(adapter.dispatch('hours_later')(instant, hours)) }}
{%- endmacro %}

{# An instant so many whole hours later; of a negative number, earlier. #}
{% macro default__hours_later(instant, hours) -%}
    {{ instant }} + interval ({{ hours }}) hour
{%- endmacro %}

{% macro hours_between(first_hour, last_hour) -%}
    {{ return(adapter.dispatch('hours_between')(first_hour, last_hour)) }}
{%- endmacro %}

{# How many hours lie between the starts of two. #}
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

{# An instant so many seconds later, which may have a fraction of up to 6 places. #}
{% macro default__seconds_later(instant, seconds) -%}
    {{ instant }} + to_microseconds(cast(cast({{ seconds }} as decimal(38, 6)) * 1000000 as bigint))
{%- endmacro %}

{% macro whole_numbers(first, last) -%}
    {{ return(adapter.dispatch('whole_numbers')(first, last)) }}
{%- endmacro %}

{# A column `number` with each whole number from the first to the last. #}
{% macro default__whole_numbers(first, last) -%}
    select cast(number as integer) as number from unnest(generate_series({{ first }}, {{ last }})) as numbers (number)
{%- endmacro %}

{% macro minute_as_text(instant) -%}
    {{ return(adapter.dispatch('minute_as_text')(instant)) }}
{%- endmacro %}

{# An instant for a person: day and minute, in UTC. #}
{% macro default__minute_as_text(instant) -%}
    strftime({{ instant }}, '%Y-%m-%d %H:%M') || ' UTC'
{%- endmacro %}
