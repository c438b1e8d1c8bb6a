with daily as (
    select * from {{ ref('agg_credits_daily') }}
),

user_months as (
    select * from {{ ref('agg_credits_user_monthly') }}
),

tenant_months as (
    select * from {{ ref('agg_credits_tenant_monthly') }}
),

totals as (
    select * from {{ ref('int_day_totals') }}
),

as_of as (
    select * from {{ ref('int_as_of') }}
),

-- The days that are checked and the days that they are compared with, from the first of a month on.
looked_at as (
    select
        cast(date_trunc('month', {{ days_later('as_of_date', 1 - days_looked_at() - 7 * weeks_compared()) }}) as date)
            as compared_from
    from as_of
),

subject_days as {{ computed_once() }} (
    {% for scope in ['user', 'tenant'] -%}
    select
        '{{ scope }}' as scope,
        {{ scope }}_id as subject,
        reporting_date,
        sum(credits) as credits
    from daily
    where reporting_date >= (select compared_from from looked_at) and {{ scope }}_id <> {{ unmapped() }}
    group by {{ scope }}_id, reporting_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

earlier_subjects as (
    {% for scope in ['user', 'tenant'] -%}
    select distinct
        '{{ scope }}' as scope,
        {{ scope }}_id as subject
    from {{ scope }}_months
    where month_start < (select compared_from from looked_at)
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

first_days as (
    select
        subject_days.scope,
        subject_days.subject,
        case when count(earlier_subjects.subject) = 0 then min(subject_days.reporting_date) end as first_day
    from subject_days
    left join earlier_subjects
        on subject_days.scope = earlier_subjects.scope and subject_days.subject = earlier_subjects.subject
    group by subject_days.scope, subject_days.subject
),

with_first_day as (
    select
        subject_days.scope,
        subject_days.subject,
        subject_days.reporting_date,
        cast(subject_days.credits as decimal(38, 9)) as credits,
        totals.credits as all_credits,
        first_days.first_day
    from subject_days
    inner join first_days on subject_days.scope = first_days.scope and subject_days.subject = first_days.subject
    inner join totals on subject_days.reporting_date = totals.reporting_date
)

select * from with_first_day
