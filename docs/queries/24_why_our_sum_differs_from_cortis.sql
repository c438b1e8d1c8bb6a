-- Why does our sum of credits differ from Corti's? The parts of a window add up to its difference.
select
    window_from,
    window_to,
    environment,
    corti_tenant,
    tenant_id,
    user_id,
    difference,
    cause,
    credits,
    credits_at_stake,
    operations_at_stake
from marts.mart_reconciliation_causes
where credits <> 0
order by window_from, environment, corti_tenant, tenant_id, user_id, cause_order;
