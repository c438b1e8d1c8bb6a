{{ config(meta={'dagster': {'ref': {'name': 'mart_tenant_statement_lines'}}}) }}

select line_key
from {{ ref('mart_tenant_statement_lines') }}
where
    (rate_status = 'rated') <> (amount is not null)
    or (rate_status = 'rated') <> (exact_amount is not null)
    or (rate_status = 'unrated') <> (currency = {{ unrated() }})
