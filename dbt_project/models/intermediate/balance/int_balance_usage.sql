with account_days as (
    select * from {{ ref('int_account_days') }}
),

accounts as (
    select * from {{ ref('int_balance_accounts') }}
),

purchases as (
    select * from {{ ref('int_balance_purchases') }}
),

by_account as (
    select
        accounts.account_key,
        account_days.usage_date,
        cast(sum(account_days.credits) as decimal(38, 9)) as credits
    from account_days
    inner join accounts
        on
            account_days.environment is not distinct from accounts.named_environment
            and account_days.corti_tenant is not distinct from accounts.named_corti_tenant
    where accounts.account_key in (select account_key from purchases)
    group by accounts.account_key, account_days.usage_date
)

select * from by_account
