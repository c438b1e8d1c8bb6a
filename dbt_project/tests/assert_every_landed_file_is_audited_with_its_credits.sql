{{ config(meta={'dagster': {'ref': {'name': 'mart_load_audit'}}}) }}

with ledger as (
    select file_id, lines, rejected as rejected_lines, credits_accepted
    from {{ source('raw', 'landed_files') }}
    where dataset = 'usage_records'
),

audit as (
    select file_id, lines, rejected_lines, credits_accepted from {{ ref('mart_load_audit') }}
)

{{ differences('ledger', 'audit', ['file_id'], ['lines', 'rejected_lines', 'credits_accepted']) }}
