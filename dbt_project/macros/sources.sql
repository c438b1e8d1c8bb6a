{# Where usage comes from, and what is usual there. #}

{# How many weeks tell what is usual in an hour, and how many of them there have to be. #}
{% macro weeks_of_hours() -%}
    {{ return(8) }}
{%- endmacro %}

{% macro least_weeks_of_hours() -%}
    {{ return(3) }}
{%- endmacro %}

{# For how many of the hours that usually bring usage a source may be silent, and how many whole working days one that
   sends no heartbeats. #}
{% macro silence_hours() -%}
    {{ number_setting('silence_hours', 'CREDITS_SILENCE_HOURS', '2') }}
{%- endmacro %}

{# The same in seconds: wide, for any number of hours. #}
{% macro silence_seconds() -%}
    cast({{ silence_hours() }} as decimal(38, 9)) * 3600
{%- endmacro %}

{% macro silence_days() -%}
    {{ number_setting('silence_days', 'CREDITS_SILENCE_DAYS', '2') }}
{%- endmacro %}

{# A source that has given no sign for so many days is no longer expected. #}
{% macro days_until_ended() -%}
    {{ return(56) }}
{%- endmacro %}

{% macro source_of_file(path) -%}
    {{ return(adapter.dispatch('source_of_file')(path)) }}
{%- endmacro %}

{#
    The source that wrote a file of usage records, by its path below landing. Capture's files say it in their name
    (`<name>@<host>-<begun>-<process>-<random>.jsonl`). Others are told apart by their first folder, but for folders
    that are dates or numbers, which are no writers. Files of a capture that wrote no heartbeats yet are of nobody from
    whom more is expected: its next release names them otherwise.
#}
{% macro default__source_of_file(path) -%}
    {%- set begun = '-[0-9]{8}T[0-9]{6}Z-[0-9]+-[0-9a-f]{12}[.]jsonl([.](gz|zst))?$' -%}
    {%- set captured = '(?:^|/)([A-Za-z0-9][A-Za-z0-9._-]*)@([A-Za-z0-9][A-Za-z0-9._-]*)' ~ begun -%}
    {%- set folder = "regexp_extract(" ~ path ~ ", '^usage_records/([^/]+)/', 1)" -%}
    case
            when regexp_matches({{ path }}, '{{ captured }}')
                then regexp_extract({{ path }}, '{{ captured }}', 2) || '/' || regexp_extract({{ path }}, '{{ captured }}', 1)
            when regexp_matches({{ path }}, '^usage_records/[^/@]+{{ begun }}') then '{{ earlier_capture() }}'
            when {{ folder }} = '' or regexp_matches({{ folder }}, '^([A-Za-z_]+=)?[0-9][0-9_.-]*$') then '(other files)'
            else {{ folder }}
        end
{%- endmacro %}

{% macro earlier_capture() -%}
    {{ return('(earlier capture)') }}
{%- endmacro %}
