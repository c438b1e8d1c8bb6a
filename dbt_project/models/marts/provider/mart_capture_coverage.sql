with asked_days as (
    select * from {{ ref('int_asked_days') }}
),

resources as (
    select * from {{ ref('int_listed_resources') }}
),

operations as (
    select * from {{ ref('int_account_operations') }}
),

listable_kinds as (
    {% for kind in listable_kinds() -%}
    select '{{ kind }}' as kind{{ ' union all' if not loop.last }}
    {% endfor %}
),

counts as (
    select
        asked_days.date_day,
        listable_kinds.kind,
        asked_days.environment,
        asked_days.corti_tenant,
        cast(null as string) as coverage,
        0 as not_listable
    from asked_days
    cross join listable_kinds

    union all

    select cast(created_at as date) as date_day, kind, environment, corti_tenant, coverage, 0 as not_listable
    from resources

    union all

    select usage_date as date_day, kind, environment, corti_tenant, null as coverage, not_listable
    from operations
),

summed as (
    select
        date_day,
        kind,
        environment,
        corti_tenant,
        count(coverage) as created,
        count(case when coverage = 'captured' then 1 end) as captured,
        count(case when coverage = 'missing' then 1 end) as missing,
        count(case when coverage = 'filled_by_read' then 1 end) as filled_by_read,
        cast(sum(not_listable) as bigint) as not_listable
    from counts
    group by date_day, kind, environment, corti_tenant
),

with_outcome as (
    select
        summed.*,
        coalesce(asked_days.outcome, 'not asked') as pull_outcome,
        -- Nothing is known about days that were not asked for, or kinds that Corti has no list of.
        summed.created > 0 or (
            summed.kind in (select kind from listable_kinds) and asked_days.outcome in ('complete', 'failed')
        ) as is_known
    from summed
    left join asked_days
        on
            summed.date_day = asked_days.date_day
            and summed.environment is not distinct from asked_days.environment
            and summed.corti_tenant is not distinct from asked_days.corti_tenant
)

select
    date_day,
    kind,
    environment,
    corti_tenant,
    pull_outcome,
    case when is_known then created end as created_at_corti,
    case when is_known then captured end as captured,
    case when is_known then missing end as missing,
    case when is_known then filled_by_read end as filled_by_read,
    not_listable,
    case
        when pull_outcome = 'complete'
            then cast({{ exact_ratio('captured + filled_by_read', 'created') }} as decimal(10, 9))
    end as coverage_share
from with_outcome
