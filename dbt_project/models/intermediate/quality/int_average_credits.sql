with daily as (
    select * from {{ ref('agg_credits_daily') }}
),

unreported as (
    select * from {{ ref('mart_unreported_operations') }}
),

counted as (
    select
        kind,
        credits,
        operations
    from daily
    union all
    -- These have no figure.
    select
        kind,
        cast(0 as decimal(38, 9)) as credits,
        cast(-1 as bigint) as operations
    from unreported
),

by_kind as (
    select
        kind,
        cast(sum(credits) as decimal(38, 9)) as credits,
        cast(sum(operations) as bigint) as operations
    from counted
    group by kind
)

select
    kind,
    {{ exact_ratio('credits', 'operations') }} as credits
from by_kind
where operations > 0
