{% set compared_before = last_state_of('agg_credits_tenant_monthly') %}

with touched_dates as (
    select * from {{ ref('int_touched_dates') }}
),

totals as (
    select * from {{ ref('mart_provider_reconciliation') }}
),

touched_months as (
    select cast(date_trunc('month', reporting_date) as date) as month_start from touched_dates
),

-- The month after a touched one shows the change from it.
with_month_after as (
    select month_start from touched_months
    union
    select {{ months_later('month_start', 1) }} as month_start from touched_months
)

select month_start from with_month_after
union
-- Corti's totals of a month may change or be withdrawn at any time, so months that were compared are compared again.
select cast(date_trunc('month', window_from) as date) as month_start from totals
{% if compared_before is not none and not should_full_refresh() -%}
union
select month_start from {{ compared_before }} where reconciliation_status <> 'not compared'
union
select month_start
from {{ last_state_of('agg_credits_user_monthly') }}
where reconciliation_status <> 'not compared'
{%- endif %}
