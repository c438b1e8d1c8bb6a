select
    load_id,
    line_number,
    exported_at,
    interaction_id,
    user_id,
    tenant_id
from {{ source('raw', 'interactions') }}
