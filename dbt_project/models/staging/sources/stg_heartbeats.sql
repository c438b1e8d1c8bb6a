with heartbeats as (
    select * from {{ source('raw', 'heartbeats') }}
),

loads as (
    select * from {{ source('raw', 'loads') }}
)

-- If a clock is ahead, the time at which the line landed counts instead.
select
    heartbeats.load_id,
    heartbeats.source,
    least(heartbeats.heard_at, loads.landed_at) as heard_at,
    coalesce(heartbeats.stopped, false) as is_stopped
from heartbeats
inner join loads on heartbeats.load_id = loads.load_id
