{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_credit_usage'}}}) }}

select operation_key, kind, occurred_at
from {{ ref('fct_credit_usage') }}
where status = 'provisional' and occurred_at < {{ now_in_utc() }} - interval 1 day
