{% set published = last_published_load() %}
{% set charges = last_state_of('fct_credit_charges') %}
{% set accumulated = last_state_of('int_touched_cost_dates') %}

with touched_charge_dates as (
    select reporting_date from {{ ref('int_touched_charge_dates') }}
),

adjustment_charges as (
    select * from {{ ref('int_adjustment_charges') }}
),

pending as (
    select distinct dataset from {{ source('raw', 'landed_files') }} where load_id > {{ published }}
),

-- Adjustments are few. If something may have changed one, the dates of all of them count, those of before and of now.
adjusted as (
    select reporting_date from adjustment_charges
    {% if charges is not none and not should_full_refresh() -%}
    union
    select reporting_date from {{ charges }} where charge_type = 'adjustment'
    {%- endif %}
),

touched as (
    select reporting_date from touched_charge_dates
    union
    select reporting_date
    from adjusted
    where exists (select 1 from pending where dataset in ('adjustments', 'rates', 'tenants'))
    {% if accumulated is not none and not should_full_refresh() -%}
    -- A stopped run may already have moved an adjustment away from a date that nothing else names any more.
    union
    select reporting_date from {{ accumulated }} where since_load = {{ published }}
    {%- endif %}
)

select
    reporting_date,
    {{ published }} as since_load
from touched
