with windows as (
    select * from {{ ref('int_tenant_windows') }}
),

tenants as (
    select
        tenant_id,
        tenant_name,
        coalesce(timezone, 'UTC') as timezone,
        valid_from,
        valid_to,
        {{ holds_now() }} as is_current
    from windows
),

with_unmapped as (
    select * from tenants
    union all
    select
        {{ unmapped() }} as tenant_id,
        {{ unmapped() }} as tenant_name,
        'UTC' as timezone,
        {{ beginning_of_time() }} as valid_from,
        cast(null as timestamp) as valid_to,
        true as is_current
)

select * from with_unmapped
