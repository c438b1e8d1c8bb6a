with subject_days as (
    select * from {{ ref('int_subject_days') }}
),

as_of as (
    select * from {{ ref('int_as_of') }}
),

-- Below these limits no day is unusual: the usage of a very small user varies too much.
candidates as (
    select
        scope,
        subject,
        reporting_date,
        first_day,
        credits,
        greatest({{ unusual_day_least_credits() }}, {{ unusual_day_least_share() }} * all_credits) as least_credits
    from subject_days
    where
        reporting_date > (select {{ days_later('as_of_date', -days_looked_at()) }} from as_of)
        and {{ has_enough_credits() }}
),

weeks as (
    {% for week in range(1, weeks_compared() + 1) -%}
    select {{ 7 * week }} as days_before{{ ' union all' if not loop.last }}
    {% endfor %}
),

same_weekdays as (
    select
        candidates.scope,
        candidates.subject,
        candidates.reporting_date,
        coalesce(earlier.credits, 0) as credits
    from candidates
    cross join weeks
    left join subject_days as earlier
        on
            candidates.scope = earlier.scope
            and candidates.subject = earlier.subject
            and {{ days_later('candidates.reporting_date', '-weeks.days_before') }} = earlier.reporting_date
    where
        candidates.first_day is null
        or {{ days_later('candidates.reporting_date', '-weeks.days_before') }} >= candidates.first_day
),

medians as (
    select
        scope,
        subject,
        reporting_date,
        {{ exact_median('credits') }} as median_credits
    from same_weekdays
    group by scope, subject, reporting_date
    having count(*) >= {{ least_weeks_compared() }}
),

spreads as (
    select
        medians.scope,
        medians.subject,
        medians.reporting_date,
        medians.median_credits,
        {{ exact_median('abs(same_weekdays.credits - medians.median_credits)') }} as deviation
    from medians
    inner join same_weekdays
        on
            medians.scope = same_weekdays.scope
            and medians.subject = same_weekdays.subject
            and medians.reporting_date = same_weekdays.reporting_date
    group by medians.scope, medians.subject, medians.reporting_date, medians.median_credits
)

select
    candidates.scope,
    candidates.subject,
    candidates.reporting_date,
    candidates.credits,
    cast(candidates.least_credits as decimal(38, 9)) as least_credits,
    spreads.median_credits,
    spreads.deviation
from candidates
inner join spreads
    on
        candidates.scope = spreads.scope
        and candidates.subject = spreads.subject
        and candidates.reporting_date = spreads.reporting_date
