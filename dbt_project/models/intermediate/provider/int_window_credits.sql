{{ config(materialized='view') }}

with totals as (
    select * from {{ ref('stg_provider_consumption') }}
),

fact as {{ computed_where_read() }} (
    select * from {{ ref('fct_credit_usage') }}
),

-- Windows are cut to the days that have usage: outside them there is nothing to read.
bounds as (
    select
        min(usage_date) as first_day,
        max(usage_date) as last_day
    from fact
    where exists (select 1 from totals)
),

days as (
    select
        totals.*,
        window_days.date_day
    from totals
    cross join bounds
    cross join lateral ({{ every_day(
        'greatest(cast(totals.window_from as date), bounds.first_day)',
        'least(cast(totals.window_to as date), bounds.last_day)'
    ) }}) as window_days
),

{% for owner in ['user_id', 'tenant_id', none] -%}
by_{{ owner or 'account' }} as (
    select
        days.total_key,
        sum(fact.credits) as credits,
        count(*) as operations
    from fact
    inner join days on {{ in_window('fact', 'days', owner, 'window_from', 'window_to') }}
    group by days.total_key
),

{% endfor -%}
by_total as (
    select * from by_user_id
    union all
    select * from by_tenant_id
    union all
    select * from by_account
)

select * from by_total
