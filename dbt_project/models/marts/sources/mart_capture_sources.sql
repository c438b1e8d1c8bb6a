with sources as (
    select * from {{ ref('int_capture_sources') }}
),

deadlines as (
    select * from {{ ref('int_source_deadlines') }} where due_at is not null
),

joined as (
    select
        sources.source,
        case when sources.has_heartbeats then 'heartbeats' else 'records' end as told_by,
        sources.last_heard_at as last_heartbeat_at,
        sources.last_record_at,
        sources.last_sign_at,
        sources.has_heartbeats and sources.is_stopped as was_stopped,
        deadlines.due_at as expected_until,
        deadlines.usual_records,
        {{ hours_later('sources.last_sign_at', 24 * days_until_ended()) }} as ends_at
    from sources
    left join deadlines on sources.source = deadlines.source
),

stated as (
    select
        *,
        case
            when ends_at <= {{ now_in_utc() }} then 'ended'
            when expected_until is null then case when was_stopped then 'stopped' else 'unknown' end
            when expected_until <= {{ now_in_utc() }} then 'silent'
            else 'expected'
        end as state
    from joined
)

select
    source,
    told_by,
    last_heartbeat_at,
    last_record_at,
    last_sign_at,
    was_stopped,
    expected_until,
    usual_records,
    state,
    state = 'silent' as is_silent,
    case state when 'expected' then least(expected_until, ends_at) when 'silent' then ends_at end as state_until
from stated
