with windows as (
    select * from {{ ref('int_user_windows') }}
),

edges as (
    select
        user_id,
        valid_from as edge
    from windows
    union
    select
        user_id,
        valid_to as edge
    from windows
    where valid_to is not null
),

spans as (
    select
        user_id,
        edge as valid_from,
        lead(edge) over (partition by user_id order by edge) as valid_to
    from edges
),

-- Between two edges nothing changes: what is valid at the first is valid until the second.
held as (
    select
        spans.user_id,
        spans.valid_from,
        spans.valid_to,
        min(windows.tenant_id) as first_tenant_id,
        count(distinct windows.tenant_id) as tenants
    from spans
    inner join windows
        on
            spans.user_id = windows.user_id
            and {{ holds_at('windows', 'spans.valid_from') }}
    group by spans.user_id, spans.valid_from, spans.valid_to
)

select
    user_id,
    valid_from,
    valid_to,
    case when tenants = 1 then first_tenant_id end as tenant_id,
    tenants > 1 as has_several_tenants
from held
