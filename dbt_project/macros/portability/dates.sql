{# Dates and times, which not every engine spells alike. What engines differ in has its one home in this folder. #}

{% macro date_in_zone(instant, zone) -%}
    {{ return(adapter.dispatch('date_in_zone')(instant, zone)) }}
{%- endmacro %}

{# The calendar date that a UTC timestamp falls on in an IANA zone. #}
{% macro default__date_in_zone(instant, zone) -%}
    cast({{ instant }} at time zone 'UTC' at time zone {{ zone }} as date)
{%- endmacro %}

{% macro days_later(date, days) -%}
    {{ return(adapter.dispatch('days_later')(date, days)) }}
{%- endmacro %}

{% macro default__days_later(date, days) -%}
    cast({{ date }} + interval ({{ days }}) day as date)
{%- endmacro %}

{% macro months_later(date, months) -%}
    {{ return(adapter.dispatch('months_later')(date, months)) }}
{%- endmacro %}

{% macro default__months_later(date, months) -%}
    cast({{ date }} + interval ({{ months }}) month as date)
{%- endmacro %}

{% macro every_day(first_day, last_day) -%}
    {{ return(adapter.dispatch('every_day')(first_day, last_day)) }}
{%- endmacro %}

{# A column `date_day` with each day from the first to the last. #}
{% macro default__every_day(first_day, last_day) -%}
    select cast(day_start as date) as date_day
    from unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as days (day_start)
{%- endmacro %}

{% macro now_in_utc() -%}
    {{ return(adapter.dispatch('now_in_utc')()) }}
{%- endmacro %}

{# The time of the build as a timestamp without a zone. #}
{% macro default__now_in_utc() -%}
    cast(current_timestamp at time zone 'UTC' as timestamp)
{%- endmacro %}

{% macro days_between(first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between')(first_day, last_day)) }}
{%- endmacro %}

{# How many days one date is behind another. #}
{% macro default__days_between(first_day, last_day) -%}
    cast({{ last_day }} - {{ first_day }} as integer)
{%- endmacro %}
