{# Dates and times, which engines spell differently. All differences between engines are in this folder. #}

{% macro date_in_zone(instant, zone) -%}
    {{ return(adapter.dispatch('date_in_zone')(instant, zone)) }}
{%- endmacro %}

{# The calendar date that a UTC timestamp falls on in an IANA zone. #}
{% macro default__date_in_zone(instant, zone) -%}
    cast({{ instant }} at time zone 'UTC' at time zone {{ zone }} as date)
{%- endmacro %}

{% macro spark__date_in_zone(instant, zone) -%}
    cast(convert_timezone('UTC', {{ zone }}, {{ instant }}) as date)
{%- endmacro %}

{% macro start_of_date(date, zone) -%}
    {{ return(adapter.dispatch('start_of_date')(date, zone)) }}
{%- endmacro %}

{#
    The first instant of a date in an IANA zone, as a UTC timestamp. If clocks go back at one o'clock, midnight comes
    twice, and an engine may return the second one; then an hour earlier has the same date.
#}
{% macro default__start_of_date(date, zone) -%}
    {%- set midnight -%}
        cast(cast({{ date }} as timestamp) at time zone {{ zone }} at time zone 'UTC' as timestamp)
    {%- endset -%}
    case
            when {{ date_in_zone('(' ~ midnight ~ ' - interval 1 hour)', zone) }} = {{ date }} then {{ midnight }} - interval 1 hour
            else {{ midnight }}
        end
{%- endmacro %}

{# Spark takes the first midnight of two. #}
{% macro spark__start_of_date(date, zone) -%}
    convert_timezone({{ zone }}, 'UTC', cast({{ date }} as timestamp_ntz))
{%- endmacro %}

{% macro days_later(date, days) -%}
    {{ return(adapter.dispatch('days_later')(date, days)) }}
{%- endmacro %}

{% macro default__days_later(date, days) -%}
    cast({{ date }} + interval ({{ days }}) day as date)
{%- endmacro %}

{% macro spark__days_later(date, days) -%}
    date_add(cast({{ date }} as date), cast({{ days }} as int))
{%- endmacro %}

{% macro months_later(date, months) -%}
    {{ return(adapter.dispatch('months_later')(date, months)) }}
{%- endmacro %}

{% macro default__months_later(date, months) -%}
    cast({{ date }} + interval ({{ months }}) month as date)
{%- endmacro %}

{% macro spark__months_later(date, months) -%}
    add_months(cast({{ date }} as date), cast({{ months }} as int))
{%- endmacro %}

{% macro every_day(first_day, last_day) -%}
    {{ return(adapter.dispatch('every_day')(first_day, last_day)) }}
{%- endmacro %}

{# A column `date_day` with every day from the first to the last. #}
{% macro default__every_day(first_day, last_day) -%}
    select cast(day_start as date) as date_day
    from unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as days (day_start)
{%- endmacro %}

{# A sequence whose end is before its start would run backwards. #}
{% macro spark__every_day(first_day, last_day) -%}
    select explode(case
        when {{ first_day }} <= {{ last_day }} then sequence({{ first_day }}, {{ last_day }}, interval 1 day)
    end) as date_day
{%- endmacro %}

{% macro now_in_utc() -%}
    {{ return(adapter.dispatch('now_in_utc')()) }}
{%- endmacro %}

{# The time of the build as a timestamp without a zone. #}
{% macro default__now_in_utc() -%}
    cast(current_timestamp at time zone 'UTC' as timestamp)
{%- endmacro %}

{% macro spark__now_in_utc() -%}
    cast(current_timestamp() as timestamp_ntz)
{%- endmacro %}

{% macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between')(first_day, last_day)) }}
{%- endmacro %}

{# The number of days from one date to another. #}
{% macro default__days_between(first_day, last_day) -%}
    cast({{ last_day }} - {{ first_day }} as integer)
{%- endmacro %}

{% macro spark__days_between(first_day, last_day) -%}
    datediff({{ last_day }}, {{ first_day }})
{%- endmacro %}
