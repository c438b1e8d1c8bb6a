with events as (
    select * from {{ source('raw', 'period_events') }}
),

files as (
    {{ files_and_their_corrections('period_events') }}
)

select
    events.load_id,
    files.path,
    events.event,
    events.month_start,
    events.happened_at,
    events.made_by,
    events.reason,
    events.charges_file,
    events.charges_sha256,
    events.charges_rows,
    events.lines_file,
    events.lines_sha256,
    events.lines_rows
from events
inner join files on events.file_id = files.file_id
where files.superseded_by_load is null
