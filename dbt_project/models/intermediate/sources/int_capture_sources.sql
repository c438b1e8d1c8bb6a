with file_hours as (
    select * from {{ ref('int_file_hours') }}
),

heartbeats as (
    select * from {{ ref('int_source_heartbeats') }}
),

written as (
    select
        source,
        min(first_record_at) as first_record_at,
        max(last_record_at) as last_record_at
    from file_hours
    group by source
),

files as (
    select
        file_hours.source,
        file_hours.file_id,
        max(file_hours.last_record_at) as last_record_at
    from file_hours
    inner join written on file_hours.source = written.source
    where file_hours.hour_start >= {{ hours_later('written.last_record_at', -168 * weeks_of_hours()) }}
    group by file_hours.source, file_hours.file_id
),

steps as (
    select
        source,
        {{ days_between(
            'cast(lag(last_record_at) over (partition by source order by last_record_at, file_id) as date)',
            'cast(last_record_at as date)',
        ) }} as days
    from files
),

-- Files that come once a day or a week are expected that much later. A single file says nothing about that.
deliveries as (
    select
        source,
        cast(ceil({{ exact_median('days') }}) as integer) as delivery_days
    from steps
    where days is not null
    group by source
),

signs as (
    select
        coalesce(written.source, heartbeats.source) as source,
        written.first_record_at,
        written.last_record_at,
        heartbeats.first_heard_at,
        heartbeats.last_heard_at,
        coalesce(heartbeats.is_stopped, false) as is_stopped,
        -- If records continue for a day without heartbeats, the source no longer sends any.
        heartbeats.source is not null and (
            written.source is null
            or written.last_record_at <= {{ hours_later('heartbeats.last_heard_at', 24) }}
        ) as has_heartbeats,
        greatest(written.last_record_at, heartbeats.last_heard_at) as last_sign_at,
        min(written.first_record_at) over () as first_record_of_all_at
    from written
    full join heartbeats on written.source = heartbeats.source
)

-- A source that has existed for a day uses the hours of all sources until it has its own.
select
    signs.source,
    signs.first_record_at,
    signs.last_record_at,
    signs.last_heard_at,
    signs.is_stopped,
    signs.has_heartbeats,
    signs.last_sign_at,
    coalesce(deliveries.delivery_days, 1) as delivery_days,
    signs.first_record_of_all_at,
    case
        when signs.source = '{{ earlier_capture() }}' then 'none'
        when signs.first_record_at <= {{ hours_later('signs.last_sign_at', -168 * least_weeks_of_hours()) }} then 'own'
        when
            signs.has_heartbeats
            and signs.first_heard_at <= {{ hours_later('signs.last_sign_at', -24) }}
            and signs.first_record_of_all_at <= {{ hours_later('signs.last_sign_at', -168 * least_weeks_of_hours()) }}
            then 'all'
        else 'none'
    end as hours_of
from signs
left join deliveries on signs.source = deliveries.source
