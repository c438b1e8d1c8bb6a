with pulls as (
    select * from {{ ref('stg_corti_pulls') }}
),

spans as (
    select
        environment,
        corti_tenant,
        min(date_day) as first_day,
        max(date_day) as last_day
    from pulls
    group by environment, corti_tenant
),

calendar as (
    select
        spans.environment,
        spans.corti_tenant,
        days.date_day
    from spans
    cross join lateral ({{ every_day('spans.first_day', 'spans.last_day') }}) as days
)

select
    calendar.environment,
    calendar.corti_tenant,
    calendar.date_day,
    coalesce(pulls.outcome, 'not asked') as outcome
from calendar
left join pulls
    on
        calendar.date_day = pulls.date_day
        and calendar.environment is not distinct from pulls.environment
        and calendar.corti_tenant is not distinct from pulls.corti_tenant
