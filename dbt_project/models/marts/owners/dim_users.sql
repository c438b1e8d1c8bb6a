with windows as (
    select * from {{ ref('int_user_windows') }}
),

users as (
    select
        user_id,
        tenant_id,
        display_name,
        valid_from,
        valid_to,
        {{ holds_now() }} as is_current
    from windows
),

with_unmapped as (
    select * from users
    union all
    select
        {{ unmapped() }} as user_id,
        {{ unmapped() }} as tenant_id,
        {{ unmapped() }} as display_name,
        {{ beginning_of_time() }} as valid_from,
        cast(null as timestamp) as valid_to,
        true as is_current
)

select * from with_unmapped
