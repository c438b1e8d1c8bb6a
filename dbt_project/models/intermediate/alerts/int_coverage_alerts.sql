with coverage as (
    select * from {{ ref('mart_capture_coverage') }} where coverage_share is not null
),

as_of as (
    select * from {{ ref('int_as_of') }} where as_of_date is not null
),

-- A day on which nothing was created neither continues nor ends a run of days.
numbered as (
    select
        *,
        row_number() over (partition by environment, corti_tenant, kind order by date_day) as day_number
    from coverage
),

too_small as (
    select
        *,
        day_number - row_number() over (partition by environment, corti_tenant, kind order by date_day) as island
    from numbered
    where coverage_share < {{ least_coverage() }}
),

islands as (
    select
        environment,
        corti_tenant,
        kind,
        min(date_day) as first_seen_on,
        max(date_day) as last_seen_on,
        sum(missing) as missing,
        sum(created_at_corti) as created,
        {{ exact_ratio('sum(captured + filled_by_read)', 'sum(created_at_corti)') }} as measured
    from too_small
    group by environment, corti_tenant, kind, island
)

select
    {{ key_as_text(narrow_key([
        "'coverage'", 'islands.environment', 'islands.corti_tenant', 'islands.kind',
        'cast(islands.first_seen_on as string)',
    ])) }} as alert_key,
    'coverage' as alert_type,
    'account' as scope,
    cast(null as string) as tenant_id,
    cast(null as string) as user_id,
    islands.kind,
    islands.first_seen_on as period_start,
    islands.first_seen_on,
    islands.last_seen_on,
    islands.last_seen_on > {{ days_later('as_of.as_of_date', -days_open_for_pulls()) }} as is_open,
    islands.measured,
    cast({{ least_coverage() }} as decimal(38, 9)) as threshold,
    {{ sentence([
        "cast(islands.missing as string)", "' of '", "cast(islands.created as string)",
        "' resources that Corti lists ('", "islands.kind", "', account '", "coalesce(islands.environment, '?')", "'/'",
        "coalesce(islands.corti_tenant, '?')", "') have no record, from '", "cast(islands.first_seen_on as string)",
        "' to '", "cast(islands.last_seen_on as string)", "'.'",
    ]) }} as summary
from islands
cross join as_of
