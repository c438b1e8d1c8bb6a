-- depends_on: {{ ref('int_touched_interactions') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='interaction_id',
    meta={'touched_by': 'int_touched_interactions'},
) }}

with usage_by_interaction as (
    select * from {{ ref('int_interaction_usage') }}
),

interactions as (
    select
        interaction_id,
        user_id,
        tenant_id,
        first_used_at,
        last_used_at
    from usage_by_interaction
)

select * from interactions
