-- How long do the prepaid credits of each Corti account last, and what expires next?
-- In about 80 of 100 cases the last credit is used between the two bounds.
select
    environment,
    corti_tenant,
    balance_date,
    remaining_credits,
    runway_days,
    runway_days_low,
    runway_days_high,
    balance_date + runway_days as last_day_with_credits,
    next_expiry_date,
    next_expiring_credits,
    overdrawn_credits
from marts.mart_credit_balance
where is_current
order by runway_days nulls last, environment, corti_tenant;
