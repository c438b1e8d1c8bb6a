-- Were we charged twice? Pairs of calls that look like one, and what the second one of each cost.
select
    pairs.first_occurred_at,
    pairs.seconds_between,
    pairs.first_operation_key,
    pairs.second_operation_key,
    pairs.tenant_id,
    pairs.user_id,
    pairs.interaction_id,
    pairs.kind,
    pairs.why,
    pairs.credits_at_stake,
    charges.currency,
    charges.amount as amount_at_stake
from marts.mart_double_charges as pairs
left join marts.fct_credit_charges as charges on pairs.second_operation_key = charges.operation_key
order by pairs.credits_at_stake desc, pairs.second_operation_key
limit 200;
