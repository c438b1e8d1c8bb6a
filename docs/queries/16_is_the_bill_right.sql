-- Is the bill right? The credits that tokens and prices do not explain, and those that may have been charged twice.
select 'not what the tokens give' as finding, count(*) as operations, coalesce(sum(abs(difference)), 0) as credits
from marts.mart_price_audit
union all
select 'looks like one call charged twice', count(*), coalesce(sum(credits_at_stake), 0) from marts.mart_double_charges
union all
select 'tokens without a known price', count(*), coalesce(sum(credits), 0)
from marts.fct_credit_usage where credits_basis = 'unpriced'
union all
select 'possibly charged, never reported', count(*), 0 from marts.mart_unreported_operations
order by finding;
