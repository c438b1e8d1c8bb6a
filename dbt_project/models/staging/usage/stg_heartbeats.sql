with heartbeats as (
    select * from {{ source('raw', 'heartbeats') }}
),

loads as (
    select * from {{ source('raw', 'loads') }}
)

-- A clock that is ahead says nothing of the time after its line landed.
select
    heartbeats.load_id,
    heartbeats.source,
    least(heartbeats.heard_at, loads.landed_at) as heard_at,
    coalesce(heartbeats.stopped, false) as is_stopped
from heartbeats
inner join loads on heartbeats.load_id = loads.load_id
