with pulls as (
    select * from {{ source('raw', 'corti_pulls') }}
),

-- A day is asked for several times: the last answer counts.
ranked as (
    select
        environment,
        corti_tenant,
        day as date_day,
        outcome,
        ended_at,
        row_number() over (
            partition by environment, corti_tenant, day order by ended_at desc, outcome desc
        ) as place
    from pulls
)

select environment, corti_tenant, date_day, outcome, ended_at
from ranked
where place = 1
