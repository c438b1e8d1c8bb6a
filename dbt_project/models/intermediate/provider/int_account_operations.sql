with asked_days as (
    select * from {{ ref('int_asked_days') }}
),

fact as (
    select * from {{ ref('fct_credit_usage') }}
),

listed as (
    select distinct operation_key, usage_date, kind, environment, corti_tenant
    from {{ ref('int_listed_operations') }}
),

-- Operations that name only a part of their account match every account with that part.
accounts as (
    select environment, corti_tenant from asked_days
    union
    select environment, cast(null as string) as corti_tenant from asked_days
    union
    select cast(null as string) as environment, corti_tenant from asked_days
    union
    select cast(null as string) as environment, cast(null as string) as corti_tenant from asked_days
),

of_accounts as (
    select fact.usage_date, fact.kind, fact.environment, fact.corti_tenant, count(*) as operations
    from fact
    inner join accounts
        on
            fact.environment is not distinct from accounts.environment
            and fact.corti_tenant is not distinct from accounts.corti_tenant
    group by fact.usage_date, fact.kind, fact.environment, fact.corti_tenant
),

less_the_listed as (
    select usage_date, kind, environment, corti_tenant, operations
    from of_accounts
    union all
    select usage_date, kind, environment, corti_tenant, -1 as operations
    from listed
)

select
    usage_date,
    kind,
    environment,
    corti_tenant,
    cast(sum(operations) as bigint) as not_listable
from less_the_listed
group by usage_date, kind, environment, corti_tenant
having sum(operations) > 0
