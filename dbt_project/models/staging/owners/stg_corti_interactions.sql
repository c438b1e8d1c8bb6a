select
    load_id,
    {{ narrow_key(['environment', 'corti_tenant', 'interaction_id']) }} as listing_key,
    environment,
    corti_tenant,
    interaction_id,
    assigned_user_id,
    created_at,
    updated_at,
    pulled_at
from {{ source('raw', 'corti_interactions') }}
