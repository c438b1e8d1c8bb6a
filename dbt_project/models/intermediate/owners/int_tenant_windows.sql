with windows as (
    {{ mapping_history(ref('stg_tenants'), 'tenant_id', ['tenant_name', 'timezone']) }}
)

select * from windows
