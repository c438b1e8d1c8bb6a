-- depends_on: {{ ref('int_touched_periods') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='period_start',
    meta={'touched_by': 'int_touched_periods', 'made_whole_daily': true},
) }}

with user_months as (
    select * from {{ ref('agg_credits_user_monthly') }}
),

tenant_months as (
    select * from {{ ref('agg_credits_tenant_monthly') }}
),

{% if is_incremental() -%}
touched_periods as (
    select * from {{ ref('int_touched_periods') }}
),
{%- endif %}

months as (
    {% for entity in ['user', 'tenant'] -%}
    select
        month_start,
        '{{ entity }}' as entity_type,
        {{ entity }}_id as entity_id,
        credits,
        estimated_credits,
        read_credits,
        fallback_credits
    from {{ entity }}_months
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

by_period as (
    {% for period, length in [('month', 1), ('quarter', 3), ('year', 12)] -%}
    {% set period_start = "cast(date_trunc('" ~ period ~ "', month_start) as date)" -%}
    select
        '{{ period }}' as period,
        {{ period_start }} as period_start,
        entity_type,
        entity_id,
        cast(sum(credits) as decimal(38, 9)) as credits,
        cast(sum(estimated_credits) as decimal(38, 9)) as estimated_credits,
        cast(sum(read_credits) as decimal(38, 9)) as read_credits,
        cast(sum(fallback_credits) as decimal(38, 9)) as fallback_credits
    from months
    {% if is_incremental() -%}
    -- Touched periods, and those with which they are compared.
    where
        {{ period_start }} in (select period_start from touched_periods)
        or {{ months_later(period_start, length) }} in (select period_start from touched_periods)
    {% endif -%}
    group by {{ period_start }}, entity_type, entity_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

placed as (
    select
        *,
        rank() over (partition by period, period_start, entity_type order by credits desc) as rank_in_period,
        count(*) over (partition by period, period_start, entity_type) as entities_in_period,
        sum(credits) over (partition by period, period_start, entity_type) as all_credits,
        -- Equal credits share a rank; their ids decide which comes first in the sum.
        sum(credits) over (
            partition by period, period_start, entity_type
            order by credits desc, entity_id asc
            rows between unbounded preceding and current row
        ) as cumulative_credits
    from by_period
),

-- The smallest group with at least 80 %: a row belongs to it if the rows before it have less than that.
concentrated as (
    select
        *,
        (cumulative_credits - credits) * cast(5 as decimal(1, 0)) < all_credits * cast(4 as decimal(1, 0))
            as is_in_top_80_percent
    from placed
),

compared as (
    select
        this_period.*,
        coalesce(period_before.credits, 0) as credits_period_before
    from concentrated as this_period
    left join by_period as period_before
        on
            this_period.period = period_before.period
            and {{ period_start_before('this_period.period', 'this_period.period_start') }} = period_before.period_start
            and this_period.entity_type = period_before.entity_type
            and this_period.entity_id = period_before.entity_id
    {% if is_incremental() -%}
    where this_period.period_start in (select period_start from touched_periods)
    {%- endif %}
)

select
    period,
    period_start,
    entity_type,
    entity_id,
    credits,
    estimated_credits,
    read_credits,
    fallback_credits,
    cast({{ exact_ratio('credits', 'all_credits') }} as decimal(18, 9)) as share,
    cast(credits_period_before as decimal(38, 9)) as credits_period_before,
    cast(credits - credits_period_before as decimal(38, 9)) as credits_change,
    rank_in_period,
    cast({{ exact_ratio('cumulative_credits', 'all_credits') }} as decimal(18, 9)) as cumulative_share,
    is_in_top_80_percent,
    count(case when is_in_top_80_percent then 1 end) over (partition by period, period_start, entity_type)
        as entities_in_top_80_percent,
    entities_in_period
from compared
