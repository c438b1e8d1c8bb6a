with events as (
    select * from {{ ref('stg_period_events') }}
),

ranked as (
    select
        *,
        row_number() over (partition by month_start order by happened_at desc, path desc) as place
    from events
)

select
    month_start,
    happened_at as closed_at,
    made_by as closed_by,
    charges_file,
    charges_sha256,
    charges_rows,
    lines_file,
    lines_sha256,
    lines_rows
from ranked
where place = 1 and event = 'close'
