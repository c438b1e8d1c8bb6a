with sources as (
    select
        source,
        case hours_of when 'own' then source end as hours_from,
        {{ start_of_hour('last_sign_at') }} as ends_at,
        case hours_of when 'own' then first_record_at else first_record_of_all_at end as begins_at
    from {{ ref('int_capture_sources') }}
    where hours_of <> 'none'
),

file_hours as (
    select * from {{ ref('int_file_hours') }}
    where hour_start >= (select {{ hours_later('min(ends_at)', -168 * weeks_of_hours()) }} from sources)
),

-- A null source means the hours of all sources together.
sums as (
    select
        source,
        hour_start,
        sum(records) as records
    from file_hours
    group by grouping sets ((source, hour_start), (hour_start))
),

hours_back as (
    {{ whole_numbers(1, 168 * weeks_of_hours()) }}
),

calendar as (
    select
        sources.source,
        sources.hours_from,
        {{ hours_later('sources.ends_at', '-hours_back.number') }} as hour_start
    from sources
    cross join hours_back
    where {{ hours_later('sources.ends_at', '-hours_back.number') }} >= {{ start_of_hour('sources.begins_at') }}
),

observed as (
    select
        calendar.source,
        {{ hour_of_week('calendar.hour_start') }} as hour_of_week,
        coalesce(sums.records, 0) as records,
        sum(coalesce(sums.records, 0)) over (
            partition by calendar.source order by calendar.hour_start rows between 1 preceding and 1 following
        ) as records_around
    from calendar
    left join sums
        on calendar.hours_from is not distinct from sums.source and calendar.hour_start = sums.hour_start
),

-- An hour is usual if most weeks have usage in it or in an hour next to it, and one week in four in the hour itself.
levels as (
    select
        source,
        hour_of_week,
        {{ exact_median('records') }} as usual_records,
        count(*) >= {{ least_weeks_of_hours() }}
        and 2 * count(case when records_around > 0 then 1 end) >= count(*)
        and 4 * count(case when records > 0 then 1 end) >= count(*) as is_usual
    from observed
    group by source, hour_of_week
),

bounds as (
    select
        *,
        max(case when is_usual then hour_of_week end) over (
            partition by source order by hour_of_week
        ) as usual_before,
        min(case when is_usual then hour_of_week end) over (
            partition by source order by hour_of_week rows between current row and unbounded following
        ) as usual_after
    from levels
)

-- Breaks of up to 3 hours within a working day are bridged.
select
    source,
    hour_of_week,
    usual_records,
    is_usual or coalesce(usual_after - usual_before <= 4, false) as is_busy
from bounds
