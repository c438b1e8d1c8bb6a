{{ config(meta={'dagster': {'ref': {'name': 'dim_interactions'}}}) }}

with aggregate as (
    select interaction_id, user_id, tenant_id from {{ ref('agg_credits_by_interaction') }}
),

dimension as (
    select interaction_id, user_id, tenant_id from {{ ref('dim_interactions') }}
),

counted as (
    select
        (select count(*) from aggregate) as in_aggregate,
        (select count(*) from dimension) as in_dimension
)

select * from counted where in_aggregate <> in_dimension
