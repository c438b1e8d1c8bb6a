{# The one home of functions that not every engine spells alike. #}

{% macro narrow_key(columns) -%}
    {{ return(adapter.dispatch('narrow_key')(columns)) }}
{%- endmacro %}

{#
    16 bytes that stand for a tuple of texts. Each text goes in behind its length, and an absent one as a length that is
    missing, so that no two tuples read alike.
#}
{% macro default__narrow_key(columns) -%}
    cast(md5(concat(
        {%- for column in columns %}
        coalesce(cast(length({{ column }}) as varchar) || ':' || {{ column }}, ':'){{ ',' if not loop.last }}
        {%- endfor %}
    )) as uuid)
{%- endmacro %}

{% macro narrow_key_of_text(text) -%}
    {{ return(adapter.dispatch('narrow_key_of_text')(text)) }}
{%- endmacro %}

{# 16 bytes that stand for one text; half the cost of a key of several. #}
{% macro default__narrow_key_of_text(text) -%}
    md5_number({{ text }})
{%- endmacro %}

{% macro computed_once() -%}
    {{ return(adapter.dispatch('computed_once')()) }}
{%- endmacro %}

{# Between `as` and the bracket of a CTE that several steps read: an engine that would compute it for each keeps it. #}
{% macro default__computed_once() -%}
    materialized
{%- endmacro %}

{% macro computed_where_read() -%}
    {{ return(adapter.dispatch('computed_where_read')()) }}
{%- endmacro %}

{# The opposite: steps that each need a few columns of a CTE compute those alone. #}
{% macro default__computed_where_read() -%}
    not materialized
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

{% macro now_in_utc() -%}
    {{ return(adapter.dispatch('now_in_utc')()) }}
{%- endmacro %}

{# The time of the build as a timestamp without a zone. #}
{% macro default__now_in_utc() -%}
    cast(current_timestamp at time zone 'UTC' as timestamp)
{%- endmacro %}
