-- depends_on: {{ ref('int_touched_quota_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='reporting_date',
    meta={'touched_by': 'int_touched_quota_dates', 'made_whole_daily': true},
) }}

with windows as (
    select * from {{ ref('int_quota_windows') }}
),

daily as (
    select * from {{ ref('agg_credits_daily') }}
    {% if is_incremental() -%}
    where reporting_date in (select reporting_date from {{ ref('int_touched_quota_dates') }})
    {%- endif %}
),

quotas as (
    select distinct
        quota_key,
        tenant_id,
        user_id,
        kind,
        period
    from windows
),

-- Three joins by id: a single join with optional ids would compare every quota with every day.
concerned as (
    {% for ids, open in [(['tenant_id'], 'user_id'), (['user_id'], 'tenant_id'), (['tenant_id', 'user_id'], none)] -%}
    select
        quotas.quota_key,
        quotas.period,
        daily.*
    from daily
    inner join quotas
        on
            (quotas.kind is null or daily.kind = quotas.kind)
            {% for id in ids -%}
            and daily.{{ id }} = quotas.{{ id }}
            {% endfor %}
    {% if open is not none -%}
    where quotas.{{ open }} is null
    {% endif %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

by_day as (
    select
        quota_key,
        period,
        {{ period_start_of('period', 'reporting_date') }} as period_start,
        reporting_date,
        cast(sum(credits) as decimal(38, 9)) as credits,
        cast(sum(estimated_credits) as decimal(38, 9)) as estimated_credits,
        cast(sum(read_credits) as decimal(38, 9)) as read_credits,
        cast(sum(fallback_credits) as decimal(38, 9)) as fallback_credits
    from concerned
    group by quota_key, period, reporting_date
)

select * from by_day
