with totals as (
    select * from {{ ref('int_provider_totals') }}
),

reconciled as (
    select
        window_from,
        window_to,
        user_id,
        tenant_id,
        corti_tenant,
        environment,
        provider_credits,
        our_credits,
        cast(our_credits - provider_credits as decimal(38, 9)) as difference,
        {{ signed_ratio('our_credits - provider_credits', 'provider_credits') }} as difference_share,
        operations,
        case
            when operations = 0 and provider_credits > 0 then 'no records'
            else {{ reconciled('provider_credits', 'our_credits') }}
        end as status
    from totals
)

select * from reconciled
