-- Made after the export: as long as a run was stopped before this, the next one still sees that the settings changed.
-- depends_on: {{ ref('focus_cost_and_usage') }}
select
    {{ focus_invoice_issuer() }} as invoice_issuer,
    {{ focus_billing_account() }} as billing_account,
    {{ focus_billing_account_name() }} as billing_account_name,
    {{ price_by_the_list() }} as list_price,
    {{ currency_of_the_list() }} as list_currency
