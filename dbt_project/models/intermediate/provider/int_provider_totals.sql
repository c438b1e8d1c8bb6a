with totals as (
    select * from {{ ref('stg_provider_consumption') }}
),

ours as (
    select * from {{ ref('int_window_credits') }}
),

compared as (
    select
        totals.total_key,
        totals.window_from,
        totals.window_to,
        totals.user_id,
        totals.tenant_id,
        totals.corti_tenant,
        totals.environment,
        totals.credits as provider_credits,
        cast(coalesce(ours.credits, 0) as decimal(38, 9)) as our_credits,
        coalesce(ours.operations, 0) as operations
    from totals
    left join ours on totals.total_key = ours.total_key
)

select * from compared
