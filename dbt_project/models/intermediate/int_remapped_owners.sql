{% set published = last_published_load() %}

with users_now as (
    select user_id, tenant_id, valid_from, valid_to from {{ ref('int_user_windows') }}
),

users_published as (
    select user_id, tenant_id, valid_from, valid_to
    from ({{ mapping_history(ref('stg_users'), 'user_id', ['tenant_id', 'display_name'], published) }}) as history
),

tenants_now as (
    select tenant_id, timezone, valid_from, valid_to from {{ ref('int_tenant_windows') }}
),

tenants_published as (
    select tenant_id, timezone, valid_from, valid_to
    from ({{ mapping_history(ref('stg_tenants'), 'tenant_id', ['tenant_name', 'timezone'], published) }}) as history
),

changed as (
    select 'user' as owner_kind, user_id as owner_id
    from ((table users_now except table users_published) union all (table users_published except table users_now))

    union

    select 'tenant' as owner_kind, tenant_id as owner_id
    from (
        (table tenants_now except table tenants_published) union all (table tenants_published except table tenants_now)
    )

    union

    select 'interaction' as owner_kind, interaction_id as owner_id
    from {{ ref('stg_interactions') }}
    where load_id > {{ published }}
)

select * from changed
