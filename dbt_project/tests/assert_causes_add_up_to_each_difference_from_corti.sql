{{ config(meta={'dagster': {'ref': {'name': 'mart_reconciliation_causes'}}}) }}
{% set total_key = key_as_text(narrow_key([
    'cast(window_from as string)', 'cast(window_to as string)', 'user_id', 'tenant_id', 'corti_tenant', 'environment',
])) %}

-- The parts of the causes are the whole difference, of each total that has one.
with totals as (
    select
        {{ total_key }} as total_key,
        difference as credits
    from {{ ref('mart_provider_reconciliation') }}
    where difference <> 0
),

causes as (
    select
        total_key,
        sum(credits) as credits
    from (
        select {{ total_key }} as total_key, credits
        from {{ ref('mart_reconciliation_causes') }}
    ) as parts
    group by total_key
)

{{ differences('totals', 'causes', ['total_key'], ['credits']) }}
