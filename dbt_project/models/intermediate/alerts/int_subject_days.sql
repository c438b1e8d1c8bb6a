with subject_credits as (
    select * from {{ ref('int_subject_credits') }}
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

recent as (
    select
        subject_credits.scope,
        subject_credits.subject,
        subject_credits.reporting_date,
        subject_credits.credits,
        totals.credits as all_credits
    from subject_credits
    inner join totals on subject_credits.reporting_date = totals.reporting_date
    where subject_credits.reporting_date >= (select compared_from from looked_at)
),

-- Nobody else has a day that may be unusual.
with_large_day as (
    select distinct scope, subject
    from recent
    where
        reporting_date > (select {{ days_later('as_of_date', -days_looked_at()) }} from as_of)
        and {{ has_enough_credits() }}
),

subject_days as {{ computed_once() }} (
    select recent.*
    from recent
    inner join with_large_day on recent.scope = with_large_day.scope and recent.subject = with_large_day.subject
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
        subject_days.credits,
        subject_days.all_credits,
        first_days.first_day
    from subject_days
    inner join first_days on subject_days.scope = first_days.scope and subject_days.subject = first_days.subject
)

select * from with_first_day
