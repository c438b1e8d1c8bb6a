with windows as (
    {{ mapping_history(ref('stg_users'), 'user_id', ['tenant_id', 'display_name'], also_by='tenant_id') }}
)

select * from windows
