-- FOCUS, "Analyze purchase of virtual currency": how many credits were bought, and what was paid for them?
-- To see a single month, add `and BillingPeriodStart = timestamp '2026-10-01'`.
select
    ProviderName,
    PublisherName,
    ChargeDescription,
    PricingUnit,
    BillingCurrency,
    sum(PricingQuantity) as TotalPricingQuantity,
    sum(BilledCost) as TotalBilledCost
from marts.focus_cost_and_usage
where ChargeCategory = 'Purchase' and PricingUnit = 'Credits'
group by all
order by BillingCurrency;
