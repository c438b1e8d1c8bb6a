-- Which interactions cost most, and what were they charged for?
-- `(none)` has the operations that belong to no interaction, so it is left out.
select
    totals.interaction_id,
    totals.tenant_id,
    totals.user_id,
    totals.usage_date as first_used_on,
    totals.credits,
    totals.operations,
    string_agg(distinct usage.kind, ', ' order by usage.kind) as kinds
from marts.agg_credits_by_interaction as totals
inner join marts.fct_credit_usage as usage on totals.interaction_id = usage.interaction_id
where totals.interaction_id <> '(none)'
group by all
order by totals.credits desc, totals.interaction_id
limit 50;
