-- On a day whose use is prepaid in part, the prepaid credits go to its charges one after the other: those of earlier
-- statements first, so that later corrections change nothing on these.
with charges as {{ computed_where_read() }} (
    select * from {{ ref('int_statement_charges') }}
),

days as (
    select * from {{ ref('int_prepaid_days') }}
    where prepaid_credits < credits
),

cumulated as (
    select
        charges.statement_month,
        charges.charge_key,
        charges.credits,
        days.prepaid_credits as prepaid_of_the_day,
        sum(charges.credits) over (
            partition by days.account_key, charges.usage_date
            order by charges.statement_month, charges.charge_key
            rows between unbounded preceding and current row
        ) as up_to_here
    from charges
    inner join days
        on
            charges.usage_date = days.usage_date
            and charges.environment is not distinct from days.environment
            and charges.corti_tenant is not distinct from days.corti_tenant
    where charges.adjustment_id is null
)

select
    statement_month,
    charge_key,
    cast(
        least(greatest(up_to_here, 0), prepaid_of_the_day)
        - least(greatest(up_to_here - credits, 0), prepaid_of_the_day) as decimal(38, 9)
    ) as prepaid_credits
from cumulated
