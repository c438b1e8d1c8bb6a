with daily as (
    select * from {{ ref('agg_credits_daily') }}
),

user_months as (
    select * from {{ ref('agg_credits_user_monthly') }}
),

tenant_months as (
    select * from {{ ref('agg_credits_tenant_monthly') }}
),

as_of as (
    select
        as_of_date,
        cast(date_trunc('month', as_of_date) as date) as month_start,
        {{ days_later('as_of_date', 1 - 7 * weeks_of_forecast()) }} as first_looked_at
    from {{ ref('int_as_of') }}
),

months as (
    select
        *,
        cast(date_trunc('month', first_looked_at) as date) as first_month,
        {{ days_between('as_of_date', months_later('month_start', 1)) }} - 1 as days_left
    from as_of
),

-- From the first of a month on, so that the months tell all earlier usage.
recent as (
    select
        tenant_id,
        user_id,
        reporting_date,
        credits
    from daily
    where reporting_date >= (select first_month from months)
),

earlier_entities as (
    select distinct
        'user' as entity_type,
        user_id as entity_id
    from user_months
    where month_start < (select first_month from months)
    union all
    select distinct
        'tenant' as entity_type,
        tenant_id as entity_id
    from tenant_months
    where month_start < (select first_month from months)
    union all
    select distinct
        'all' as entity_type,
        '(all)' as entity_id
    from tenant_months
    where month_start < (select first_month from months)
),

entity_days as (
    select
        'all' as entity_type,
        '(all)' as entity_id,
        reporting_date,
        sum(credits) as credits
    from recent
    group by reporting_date
    {% for entity in ['tenant', 'user'] -%}
    union all
    select
        '{{ entity }}' as entity_type,
        {{ entity }}_id as entity_id,
        reporting_date,
        sum(credits) as credits
    from recent
    where {{ entity }}_id <> {{ unmapped() }}
    group by {{ entity }}_id, reporting_date
    {% endfor %}
),

numbered as (
    select
        entity_days.entity_type,
        entity_days.entity_id,
        entity_days.reporting_date,
        entity_days.credits,
        {{ days_between('entity_days.reporting_date', 'months.as_of_date') }} as days_before,
        months.as_of_date,
        months.month_start,
        months.days_left
    from entity_days
    cross join months
),

histories as (
    select
        numbered.entity_type,
        numbered.entity_id,
        case
            when count(earlier_entities.entity_id) > 0 then {{ weeks_of_forecast() }}
            else least({{ whole_weeks('max(numbered.days_before) + 1') }}, {{ weeks_of_forecast() }})
        end as weeks
    from numbered
    left join earlier_entities
        on numbered.entity_type = earlier_entities.entity_type and numbered.entity_id = earlier_entities.entity_id
    group by numbered.entity_type, numbered.entity_id
),

-- Those of the weeks that count.
counted_days as (
    select
        numbered.entity_type,
        numbered.entity_id,
        numbered.as_of_date,
        numbered.month_start,
        numbered.days_left,
        histories.weeks,
        numbered.reporting_date,
        numbered.days_before,
        cast(numbered.credits as decimal(38, 9)) as credits
    from numbered
    inner join histories
        on numbered.entity_type = histories.entity_type and numbered.entity_id = histories.entity_id
    where
        histories.weeks >= {{ least_weeks_of_forecast() }}
        and numbered.days_before < 7 * histories.weeks
)

select * from counted_days
