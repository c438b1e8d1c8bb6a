with sources as (
    select * from {{ ref('int_capture_sources') }}
),

busy_hours as (
    select * from {{ ref('int_source_hours') }} where is_busy
),

hours_ahead as (
    {{ whole_numbers(0, 24 * 7 * 6) }}
),

ahead as (
    select
        sources.source,
        {{ hours_later(start_of_hour('sources.last_sign_at'), 'hours_ahead.number') }} as hour_start,
        sources.last_sign_at
    from sources
    cross join hours_ahead
    where sources.hours_of <> 'none'
),

busy_ahead as (
    select
        ahead.source,
        ahead.last_sign_at,
        ahead.hour_start,
        greatest(ahead.hour_start, ahead.last_sign_at) as counted_from,
        {{ seconds_between(
            'greatest(ahead.hour_start, ahead.last_sign_at)', hours_later('ahead.hour_start', 1)
        ) }} as seconds,
        busy_hours.usual_records
    from ahead
    inner join busy_hours
        on ahead.source = busy_hours.source and {{ hour_of_week('ahead.hour_start') }} = busy_hours.hour_of_week
),

added_up as (
    select
        *,
        sum(seconds) over (partition by source order by hour_start) as seconds_so_far
    from busy_ahead
),

-- With heartbeats: a number of usual hours, even if a night lies between them.
by_hours as (
    select
        source,
        {{ seconds_later('counted_from', silence_seconds() ~ ' - (seconds_so_far - seconds)') }} as due_at
    from added_up
    where seconds_so_far >= {{ silence_seconds() }} and seconds_so_far - seconds < {{ silence_seconds() }}
),

days as (
    select
        source,
        min(hour_start) as opens_at,
        row_number() over (partition by source order by cast(hour_start as date)) as day_number
    from busy_ahead
    where cast(hour_start as date) > cast(last_sign_at as date)
    group by source, cast(hour_start as date)
),

-- Without heartbeats: whole working days and the first hours of the next. A holiday looks like a failure then.
by_days as (
    select
        days.source,
        {{ seconds_later(
            'days.opens_at', silence_seconds() ~ ' + 86400 * sources.delivery_days'
        ) }} as due_at
    from days
    inner join sources on days.source = sources.source
    where days.day_number = cast(ceil({{ silence_days() }}) as integer) + 1
),

-- A process that was stopped in usual hours must start again; one that was stopped at another time need not.
deadlines as (
    select
        sources.source,
        case
            when not sources.has_heartbeats then by_days.due_at
            when not sources.is_stopped or cast(by_hours.due_at as date) = cast(sources.last_sign_at as date)
                then by_hours.due_at
        end as due_at
    from sources
    left join by_hours on sources.source = by_hours.source
    left join by_days on sources.source = by_days.source
    where sources.hours_of <> 'none'
)

select
    deadlines.source,
    deadlines.due_at,
    cast(sum(busy_ahead.usual_records) as decimal(38, 9)) as usual_records
from deadlines
left join busy_ahead on deadlines.source = busy_ahead.source and deadlines.due_at > busy_ahead.hour_start
group by deadlines.source, deadlines.due_at
