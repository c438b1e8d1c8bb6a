with usage as (
    select * from {{ ref('int_balance_usage') }}
),

purchase_usage as (
    select * from {{ ref('int_purchase_usage') }}
),

accounts as (
    select * from {{ ref('int_balance_accounts') }}
),

served as (
    select
        account_key,
        usage_date,
        sum(used_credits) as prepaid_credits
    from purchase_usage
    group by account_key, usage_date
)

select
    accounts.named_environment as environment,
    accounts.named_corti_tenant as corti_tenant,
    usage.usage_date,
    usage.account_key,
    usage.credits,
    cast(served.prepaid_credits as decimal(38, 9)) as prepaid_credits
from served
inner join usage on served.account_key = usage.account_key and served.usage_date = usage.usage_date
inner join accounts on served.account_key = accounts.account_key
