-- FOCUS, "Calculate consumption of virtual currency within a billing period": how many credits were used?
select
    ProviderName,
    BillingPeriodStart,
    sum(PricingCurrencyEffectiveCost) as TotalPricingCurrencyEffectiveCost
from marts.focus_cost_and_usage
where PricingCurrency = 'Credits' and ChargeCategory = 'Usage'
group by all
order by BillingPeriodStart;
