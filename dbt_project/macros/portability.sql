{# The one home of functions that not every engine spells alike. #}

{% macro narrow_key(columns) -%}
    {{ return(adapter.dispatch('narrow_key')(columns)) }}
{%- endmacro %}

{# 16 bytes that stand for a tuple of texts. Each text goes in behind its length, so that no two tuples read alike. #}
{% macro default__narrow_key(columns) -%}
    cast(md5(concat(
        {%- for column in columns %}
        coalesce(concat(length({{ column }}), ':', {{ column }}), '-'){{ ',' if not loop.last }}
        {%- endfor %}
    )) as uuid)
{%- endmacro %}

{% macro key_as_text(key) -%}
    {{ return(adapter.dispatch('key_as_text')(key)) }}
{%- endmacro %}

{% macro default__key_as_text(key) -%}
    replace(cast({{ key }} as varchar), '-', '')
{%- endmacro %}

{% macro date_in_zone(instant, zone) -%}
    {{ return(adapter.dispatch('date_in_zone')(instant, zone)) }}
{%- endmacro %}

{# The calendar date that a UTC timestamp falls on in an IANA zone. #}
{% macro default__date_in_zone(instant, zone) -%}
    cast({{ instant }} at time zone 'UTC' at time zone {{ zone }} as date)
{%- endmacro %}

{% macro first_by(value, rank) -%}
    {{ return(adapter.dispatch('first_by')(value, rank)) }}
{%- endmacro %}

{# The value of the lowest rank that has one. #}
{% macro default__first_by(value, rank) -%}
    min_by({{ value }}, {{ rank }}) filter (where {{ value }} is not null)
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
