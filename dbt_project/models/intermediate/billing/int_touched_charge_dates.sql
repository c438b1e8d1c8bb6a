{% set published = last_published_load() %}
{% set accumulated = last_state_of('int_touched_charge_dates') %}

with touched_dates as (
    select * from {{ ref('int_touched_dates') }}
),

repriced_dates as (
    select * from {{ ref('int_repriced_dates') }}
),

touched as (
    select reporting_date from touched_dates
    union
    select reporting_date from repriced_dates
    {% if accumulated is not none and not should_full_refresh() -%}
    -- A stopped run may already have priced a date with a rate that was withdrawn since.
    union
    select reporting_date from {{ accumulated }} where since_load = {{ published }}
    {%- endif %}
)

select
    reporting_date,
    {{ published }} as since_load
from touched
