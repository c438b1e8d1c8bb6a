select
    load_id,
    {{ narrow_key(['environment', 'corti_tenant', 'lower(kind)', 'resource_id']) }} as resource_key,
    environment,
    corti_tenant,
    interaction_id,
    lower(kind) as kind,
    resource_id,
    created_at,
    pulled_at
from {{ source('raw', 'corti_resources') }}
