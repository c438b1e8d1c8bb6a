with windows as (
    {{ mapping_history(
        ref('stg_rates'),
        'rate_key',
        ['tenant_id', 'kind', 'price_per_credit', 'currency', 'currency_decimals']
    ) }}
)

select * from windows
