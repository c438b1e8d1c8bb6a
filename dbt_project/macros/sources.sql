{# Sources of usage, and what is usual for them. #}

{# How many weeks decide what is usual in an hour, and how many of them there must be. #}
{% macro weeks_of_hours() -%}
    {{ return(8) }}
{%- endmacro %}

{% macro least_weeks_of_hours() -%}
    {{ return(3) }}
{%- endmacro %}

{# How many usual hours a source may give no sign of life, and how many whole working days a source without
   heartbeats. #}
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

{# After this number of days without a sign of life a source is no longer expected. #}
{% macro days_until_ended() -%}
    {{ return(56) }}
{%- endmacro %}

{#
    The source that wrote a file of usage records, from its path below landing. Capture's files have it in their name
    (`<name>@<host>-<begun>-<process>-<random>.jsonl`). Other files belong to their first folder, unless that is a date
    or a number. Files of a capture that did not write heartbeats yet have a source of their own, from which nothing is
    expected, since later releases name files differently.
#}
{% macro source_of_file(path) -%}
    {%- set begun = '-[0-9]{8}T[0-9]{6}Z-[0-9]+-[0-9a-f]{12}[.]jsonl([.](gz|zst))?$' -%}
    {%- set captured = '(?:^|/)([A-Za-z0-9][A-Za-z0-9._-]*)@([A-Za-z0-9][A-Za-z0-9._-]*)' ~ begun -%}
    {%- set folder = "regexp_extract(" ~ path ~ ", '^usage_records/([^/]+)/', 1)" -%}
    case
            when {{ is_like(path, captured) }}
                then regexp_extract({{ path }}, '{{ captured }}', 2) || '/' || regexp_extract({{ path }}, '{{ captured }}', 1)
            when {{ is_like(path, '^usage_records/[^/@]+' ~ begun) }} then '{{ earlier_capture() }}'
            when {{ folder }} = '' or {{ is_like(folder, '^([A-Za-z_]+=)?[0-9][0-9_.-]*$') }} then '(other files)'
            else {{ folder }}
        end
{%- endmacro %}

{% macro earlier_capture() -%}
    {{ return('(earlier capture)') }}
{%- endmacro %}
