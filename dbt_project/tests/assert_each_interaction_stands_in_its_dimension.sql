{{ config(meta={'dagster': {'ref': {'name': 'dim_interactions'}}}) }}

with aggregate as (
    select
        tenant_id,
        user_id,
        count(*) as interactions
    from {{ ref('agg_credits_by_interaction') }}
    group by tenant_id, user_id
),

dimension as (
    select
        tenant_id,
        user_id,
        count(*) as interactions
    from {{ ref('dim_interactions') }}
    group by tenant_id, user_id
)

{{ differences('aggregate', 'dimension', ['tenant_id', 'user_id'], ['interactions']) }}
