-- Made after the export: as long as a run was stopped before this, the next one still sees that days changed.
-- depends_on: {{ ref('focus_cost_and_usage') }}
select
    environment,
    corti_tenant,
    usage_date,
    account_key,
    credits,
    prepaid_credits
from {{ ref('int_prepaid_days') }}
