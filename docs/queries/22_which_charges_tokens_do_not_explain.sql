-- For which calls did Corti report other credits than their tokens give, and what is the difference worth?
select
    audit.usage_date,
    audit.operation_key,
    audit.tenant_id,
    audit.kind,
    audit.model,
    audit.reported_credits,
    audit.recomputed_credits,
    audit.difference,
    charges.currency,
    audit.difference * charges.price_per_credit as amount_at_stake
from marts.mart_price_audit as audit
left join marts.fct_credit_charges as charges using (operation_key)
order by abs(audit.difference) desc, audit.operation_key
limit 200;
