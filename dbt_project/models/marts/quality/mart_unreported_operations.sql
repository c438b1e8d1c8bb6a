with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

unreported as (
    select
        operation_key,
        kind,
        interaction_id,
        resource_id,
        operation_id,
        user_id,
        tenant_id,
        occurred_at,
        environment,
        corti_tenant,
        case
            when kind in ('stream', 'transcribe') then 'the socket closed before its usage message'
            else 'the call ended without a usage figure'
        end as what_ended_it
    from fact
    where status = 'unreported'
)

select * from unreported
