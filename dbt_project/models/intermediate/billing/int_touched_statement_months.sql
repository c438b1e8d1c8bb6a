{% set published = last_published_load() %}
{% set accumulated = last_state_of('int_touched_statement_months') %}
{% set billed_so_far = last_state_of('int_statement_charges') %}

with touched_dates as (
    select * from {{ ref('int_touched_charge_dates') }}
),

adjustments as (
    select * from {{ ref('int_adjustment_charges') }}
),

remapped_owners as (
    select * from {{ ref('int_remapped_owners') }}
),

closed_charges as {{ computed_where_read() }} (
    select * from {{ ref('int_closed_charges') }}
),

pending as (
    select distinct dataset from {{ source('raw', 'landed_files') }} where load_id > {{ published }}
),

touched as (
    select cast(date_trunc('month', reporting_date) as date) as usage_month from touched_dates

    union

    -- There are few adjustments: if one or its price may have changed, all of them are checked.
    select month_start as usage_month
    from adjustments
    where exists (select 1 from pending where dataset in ('adjustments', 'rates'))

    union

    -- A customer's zone decides when the date of an adjustment begins, and so its price.
    select month_start as usage_month
    from adjustments
    where tenant_id in (select owner_id from remapped_owners where owner_kind = 'tenant')

    union

    -- When a month is closed or reopened, corrections of other months move from or to it.
    select usage_month
    from closed_charges
    where exists (select 1 from pending where dataset in ('period_events', 'closed_charges'))

    {% if billed_so_far is not none and not should_full_refresh() -%}
    union

    select usage_month
    from {{ billed_so_far }}
    where
        (adjustment_id is not null and exists (select 1 from pending where dataset in ('adjustments', 'rates')))
        or exists (select 1 from pending where dataset in ('period_events', 'closed_charges'))
    {%- endif %}

    {% if accumulated is not none and not should_full_refresh() -%}
    -- A stopped run may have written a month with charges that were withdrawn since.
    union

    select usage_month from {{ accumulated }} where since_load = {{ published }}
    {%- endif %}
)

select
    usage_month,
    {{ published }} as since_load
from touched
