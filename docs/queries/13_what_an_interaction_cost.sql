-- What did each interaction cost, operation by operation?
-- To see a single one, add `and interaction_id = '…'`.
select
    interaction_id,
    tenant_id,
    user_id,
    kind,
    currency,
    count(*) as operations,
    sum(credits) as credits,
    sum(amount) as amount
from marts.fct_credit_charges
where interaction_id is not null
group by all
order by interaction_id, kind, currency
limit 200;
