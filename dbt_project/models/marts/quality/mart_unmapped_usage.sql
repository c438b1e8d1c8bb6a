with operations as (
    select * from {{ ref('int_unmapped_operations') }}
),

assigned_users as (
    select distinct interaction_id
    from {{ source('raw', 'corti_interactions') }}
    where assigned_user_id is not null
),

shared_users as (
    select * from {{ ref('int_user_tenants') }} where has_several_tenants
),

unmapped as (
    select
        operations.*,
        case
            when operations.user_source = 'unmapped' and operations.interaction_id is null
                then 'the record names neither user nor interaction'
            when operations.user_source = 'unmapped' and assigned_users.interaction_id is not null
                then 'Corti has the interaction assigned to a user whom no export knows'
            when operations.user_source = 'unmapped' then 'no interactions export names the interaction'
            when shared_users.user_id is not null then 'the user belongs to several tenants at that time'
            else 'no users export gives the user a tenant at that time'
        end as why
    from operations
    left join assigned_users on operations.interaction_id = assigned_users.interaction_id
    left join shared_users
        on
            operations.tenant_source = 'unmapped'
            and operations.user_id = shared_users.user_id
            and {{ holds_at('shared_users', 'operations.occurred_at') }}
),

by_interaction as (
    select
        interaction_id,
        case when interaction_id is null then kind end as kind,
        sum(credits) as credits,
        count(*) as operations,
        min(occurred_at) as first_used_at,
        max(occurred_at) as last_used_at,
        case when min(why) = max(why) then min(why) else 'several reasons' end as why,
        {{ credits_by_basis() }}
    from unmapped
    group by interaction_id, case when interaction_id is null then kind end
)

select * from by_interaction
