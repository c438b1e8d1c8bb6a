with consumption as (
    select * from {{ source('raw', 'provider_consumption') }}
),

-- A file delivered again under its name and export time is the corrected one: the whole of it stands for the earlier.
files as (
    select
        file_id,
        path,
        lead(load_id) over (partition by path, exported_at order by file_id) as superseded_by_load
    from {{ source('raw', 'landed_files') }}
    where dataset = 'provider_consumption'
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
        'cast(window_from as varchar)', 'cast(window_to as varchar)', 'user_id', 'tenant_id', 'corti_tenant',
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
