{% set published = last_published_load() %}

with users_now as (
    select user_id, tenant_id, valid_from, valid_to from {{ ref('int_user_windows') }}
),

users_published as (
    select user_id, tenant_id, valid_from, valid_to
    from ({{ mapping_history(
        ref('stg_users'), 'user_id', ['tenant_id', 'display_name'], published, also_by='tenant_id'
    ) }}) as history
),

tenants_now as (
    select tenant_id, tenant_name, timezone, valid_from, valid_to from {{ ref('int_tenant_windows') }}
),

tenants_published as (
    select tenant_id, tenant_name, timezone, valid_from, valid_to
    from ({{ mapping_history(ref('stg_tenants'), 'tenant_id', ['tenant_name', 'timezone'], published) }}) as history
),

users_changed as (
    select *
    from (
        select * from users_now
        except
        select * from users_published
    ) as only_now
    union all
    select *
    from (
        select * from users_published
        except
        select * from users_now
    ) as only_published
),

tenants_changed as (
    select *
    from (
        select * from tenants_now
        except
        select * from tenants_published
    ) as only_now
    union all
    select *
    from (
        select * from tenants_published
        except
        select * from tenants_now
    ) as only_published
),

-- Only the rows of these files are read, not all exports.
changed_files as (
    select file_id
    from {{ ref('stg_interaction_files') }}
    where load_id > {{ published }} or superseded_by_load > {{ published }}
),

changed as (
    select 'user' as owner_kind, user_id as owner_id
    from users_changed

    union

    select 'tenant' as owner_kind, tenant_id as owner_id
    from tenants_changed

    union

    select 'interaction' as owner_kind, interaction_id as owner_id
    from {{ ref('stg_interactions') }}
    where file_id in (select file_id from changed_files)
)

select * from changed
