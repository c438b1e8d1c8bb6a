with events as (
    select * from {{ ref('stg_period_events') }}
),

ranked as (
    select
        *,
        row_number() over (partition by month_start order by happened_at desc, path desc) as place
    from events
),

closed as (
    select * from ranked where place = 1 and event = 'close'
),

-- The month after each closed month; the open ones among them get the corrections.
months_after as (
    select {{ months_later('month_start', 1) }} as month_start from closed
),

open_months_after as (
    select month_start from months_after where month_start not in (select month_start from closed)
),

placed as (
    select
        closed.month_start,
        min(open_months_after.month_start) as next_open_month
    from closed
    inner join open_months_after on closed.month_start < open_months_after.month_start
    group by closed.month_start
)

select
    closed.month_start,
    placed.next_open_month,
    closed.happened_at as closed_at,
    closed.made_by as closed_by,
    closed.charges_file,
    closed.charges_sha256,
    closed.charges_rows,
    closed.lines_file,
    closed.lines_sha256,
    closed.lines_rows
from closed
inner join placed on closed.month_start = placed.month_start
