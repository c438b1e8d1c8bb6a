{{ config(materialized='incremental', incremental_strategy='replace_by_key', unique_key='resource_key') }}

{% set columns = 'resource_key, environment, corti_tenant, interaction_id, kind, resource_id, created_at, pulled_at' %}

with {{ listed_since(ref('stg_corti_resources'), 'resource_key', columns) }},

resources as (
    select
        max(load_id) as load_id,
        resource_key,
        min(environment) as environment,
        min(corti_tenant) as corti_tenant,
        min(interaction_id) as interaction_id,
        min(kind) as kind,
        min(resource_id) as resource_id,
        min(created_at) as created_at,
        min(pulled_at) as pulled_at
    from candidates
    group by resource_key
)

select * from resources
