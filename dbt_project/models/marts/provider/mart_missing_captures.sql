with resources as (
    select * from {{ ref('int_listed_resources') }}
    where coverage = 'missing'
),

interaction_owners as (
    select * from {{ ref('int_interaction_owners') }}
),

assigned_users as (
    select * from {{ ref('int_assigned_users') }} where is_known
),

user_tenants as (
    select * from {{ ref('int_user_tenants') }}
),

with_user as (
    select
        resources.*,
        interaction_owners.tenant_id as stated_tenant_id,
        coalesce(interaction_owners.user_id, assigned_users.user_id) as user_id
    from resources
    left join interaction_owners on resources.interaction_id = interaction_owners.interaction_id
    left join assigned_users on resources.interaction_id = assigned_users.interaction_id
),

missing as (
    select
        owned.environment,
        owned.corti_tenant,
        owned.kind,
        owned.interaction_id,
        owned.resource_id,
        owned.created_at,
        coalesce(owned.user_id, {{ unmapped() }}) as user_id,
        coalesce(owned.stated_tenant_id, user_tenants.tenant_id, {{ unmapped() }}) as tenant_id,
        {{ days_between('cast(owned.created_at as date)', 'cast(' ~ now_in_utc() ~ ' as date)') }} as age_days
    from with_user as owned
    left join user_tenants
        on
            owned.stated_tenant_id is null
            and owned.user_id = user_tenants.user_id
            and {{ holds_at('user_tenants', 'owned.created_at') }}
)

select * from missing
