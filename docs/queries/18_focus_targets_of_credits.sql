-- FOCUS, "Determine target of virtual currency usage": what were the credits used for?
select
    ProviderName,
    PublisherName,
    ServiceName,
    ChargeDescription,
    sum(PricingCurrencyEffectiveCost) as TotalPricingCurrencyEffectiveCost
from marts.focus_cost_and_usage
where PricingCurrency = 'Credits'
group by all
order by TotalPricingCurrencyEffectiveCost desc
limit 10;
