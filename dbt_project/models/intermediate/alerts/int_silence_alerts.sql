with silent as (
    select * from {{ ref('mart_capture_sources') }} where is_silent
)

select
    {{ key_as_text(narrow_key(["'silence'", 'source', 'cast(last_sign_at as string)'])) }} as alert_key,
    'silence' as alert_type,
    'source' as scope,
    cast(null as string) as tenant_id,
    cast(null as string) as user_id,
    cast(null as string) as kind,
    cast(last_sign_at as date) as period_start,
    cast(last_sign_at as date) as first_seen_on,
    cast(expected_until as date) as last_seen_on,
    true as is_open,
    cast(0 as decimal(38, 9)) as measured,
    usual_records as threshold,
    {{ sentence([
        "'Source '", "source",
        "case
            when was_stopped then ' was stopped at '
            when told_by = 'heartbeats' then ' has sent no heartbeat since '
            else ' has brought no usage record since '
        end",
        minute_as_text('last_sign_at'),
        "case when was_stopped then ' and has not started again' end",
        "case
            when usual_records > 0 then ', in hours that usually bring ' || " ~ plainly('usual_records') ~ " || ' records'
            else ', in hours that usually bring some'
        end",
        "case told_by when 'records' then '; without heartbeats a holiday looks the same' end",
        "'.'",
    ]) }} as summary
from silent
