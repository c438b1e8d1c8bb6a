{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='interaction_id') }}

with exported as (
    select load_id, line_number, exported_at, interaction_id, user_id, tenant_id
    from {{ ref('stg_interactions') }}
    {% if is_incremental() -%}
    where load_id > (select coalesce(max(already.load_id), 0) from {{ this }} as already)
    {%- endif %}
),

candidates as (
    select * from exported
    {% if is_incremental() -%}
    union all
    select load_id, line_number, exported_at, interaction_id, user_id, tenant_id
    from {{ this }}
    where interaction_id in (select interaction_id from exported)
    {%- endif %}
),

ranked as (
    select
        *,
        row_number() over (
            partition by interaction_id
            order by exported_at desc, line_number desc, user_id desc, tenant_id desc nulls last
        ) as rank_in_interaction
    from candidates
)

select load_id, line_number, exported_at, interaction_id, user_id, tenant_id
from ranked
where rank_in_interaction = 1
