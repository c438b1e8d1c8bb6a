with resources as (
    select *
    from {{ ref('int_corti_resources') }}
    where kind in ({{ "'" ~ listable_kinds() | join("', '") ~ "'" }})
),

interactions as (
    select * from {{ ref('int_corti_interactions') }}
),

operations as (
    select
        resource_key,
        case when count(case when is_captured then 1 end) > 0 then 'captured' else 'filled_by_read' end as coverage
    from {{ ref('int_listed_operations') }}
    group by resource_key
),

covered as (
    select
        resources.environment,
        resources.corti_tenant,
        resources.kind,
        resources.interaction_id,
        resources.resource_id,
        -- Corti reports no time for a transcript: it is at least as late as its interaction.
        coalesce(resources.created_at, interactions.created_at, resources.pulled_at) as created_at,
        coalesce(operations.coverage, 'missing') as coverage
    from resources
    left join interactions
        on
            resources.interaction_id = interactions.interaction_id
            and resources.environment is not distinct from interactions.environment
            and resources.corti_tenant is not distinct from interactions.corti_tenant
    left join operations on resources.resource_key = operations.resource_key
)

select * from covered
