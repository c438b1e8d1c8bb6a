with account_days as (
    select * from {{ ref('int_account_days') }}
),

purchases as (
    select * from {{ ref('stg_purchases') }}
),

named as (
    select environment, corti_tenant from account_days
    union
    select environment, corti_tenant from purchases
),

-- Accounts that agree with what another one names, and name more.
fuller as (
    select
        named.environment,
        named.corti_tenant,
        fuller_named.environment as fuller_environment,
        fuller_named.corti_tenant as fuller_corti_tenant
    from named
    inner join named as fuller_named
        on
            (named.environment is null or named.environment = fuller_named.environment)
            and (named.corti_tenant is null or named.corti_tenant = fuller_named.corti_tenant)
    where
        named.environment is distinct from fuller_named.environment
        or named.corti_tenant is distinct from fuller_named.corti_tenant
),

incomplete as (
    select distinct environment, corti_tenant from fuller
),

-- Of these, the ones that no other account could complete.
fullest as (
    select fuller.*
    from fuller
    left join incomplete
        on
            fuller.fuller_environment is not distinct from incomplete.environment
            and fuller.fuller_corti_tenant is not distinct from incomplete.corti_tenant
    where coalesce(incomplete.environment, incomplete.corti_tenant) is null
),

only_ones as (
    select
        environment,
        corti_tenant,
        max(fuller_environment) as fuller_environment,
        max(fuller_corti_tenant) as fuller_corti_tenant
    from fullest
    group by environment, corti_tenant
    having count(*) = 1
),

accounts as (
    select
        named.environment as named_environment,
        named.corti_tenant as named_corti_tenant,
        coalesce(only_ones.fuller_environment, named.environment) as environment,
        coalesce(only_ones.fuller_corti_tenant, named.corti_tenant) as corti_tenant
    from named
    left join only_ones
        on
            named.environment is not distinct from only_ones.environment
            and named.corti_tenant is not distinct from only_ones.corti_tenant
)

select
    named_environment,
    named_corti_tenant,
    environment,
    corti_tenant,
    {{ key_as_text(narrow_key(['environment', 'corti_tenant'])) }} as account_key
from accounts
