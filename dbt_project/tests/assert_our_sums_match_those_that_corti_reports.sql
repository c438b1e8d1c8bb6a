{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'mart_provider_reconciliation'}}}) }}

select window_from, window_to, user_id, tenant_id, corti_tenant, environment, difference, status
from {{ ref('mart_provider_reconciliation') }}
where status <> 'matched'
