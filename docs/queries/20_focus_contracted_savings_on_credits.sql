-- FOCUS, "Determine contracted savings by virtual currency": how much below the list price were credits bought?
-- The savings are for one credit; a grant saves the whole list price.
select
    ServiceName,
    ServiceSubcategory,
    ChargeDescription,
    BillingCurrency,
    PricingCurrency,
    sum(PricingCurrencyListUnitPrice - PricingCurrencyContractedUnitPrice) as ContractedSavingsInPricingCurrency,
    sum(ListUnitPrice - ContractedUnitPrice) as ContractedSavingsInBillingCurrency
from marts.focus_cost_and_usage
where PricingCurrencyListUnitPrice > PricingCurrencyContractedUnitPrice
group by all
order by ChargeDescription;
