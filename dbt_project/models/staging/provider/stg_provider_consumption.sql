with consumption as (
    select * from {{ source('raw', 'provider_consumption') }}
),

files as (
    {{ files_and_their_corrections('provider_consumption', known_by=['path', 'exported_at']) }}
),

in_force as (
    select
        consumption.*,
        files.path
    from consumption
    inner join files on consumption.file_id = files.file_id
    where files.superseded_by_load is null
),

ranked as (
    select
        *,
        row_number() over (
            partition by window_from, window_to, user_id, tenant_id, corti_tenant, environment
            order by exported_at desc, path desc, line_number desc
        ) as place
    from in_force
)

select
    {{ narrow_key([
        'cast(window_from as string)', 'cast(window_to as string)', 'user_id', 'tenant_id', 'corti_tenant',
        'environment',
    ]) }} as total_key,
    window_from,
    window_to,
    credits,
    user_id,
    tenant_id,
    corti_tenant,
    environment
from ranked
where place = 1
