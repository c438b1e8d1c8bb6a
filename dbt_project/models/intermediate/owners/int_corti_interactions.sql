{{ config(materialized='incremental', incremental_strategy='replace_by_key', unique_key='listing_key') }}

{% set known_by = 'listing_key, environment, corti_tenant, interaction_id' %}
{% set columns = known_by ~ ', assigned_user_id, created_at, updated_at, pulled_at' %}

with {{ listed_since(ref('stg_corti_interactions'), 'listing_key', columns) }},

-- The latest pull counts. Of several lines from one pull any may count, but always the same one.
ranked as (
    select
        *,
        max(load_id) over (partition by listing_key) as last_load_id,
        row_number() over (
            partition by listing_key
            order by
                pulled_at desc, updated_at desc nulls last, assigned_user_id asc nulls last, created_at asc nulls last
        ) as place
    from candidates
)

select last_load_id as load_id, {{ columns }}
from ranked
where place = 1
