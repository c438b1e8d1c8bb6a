with touched_operations as (
    select * from {{ ref('int_touched_operations') }}
),

fact as (
    select * from {{ ref('fct_credit_usage') }}
),

interactions_now as (
    select distinct interaction_id
    from fact
    {% if not is_full_build() -%}
    where
        usage_date in (select usage_date from touched_operations)
        and operation_key in (select operation_key from touched_operations)
    {%- endif %}
),

touched_interactions as (
    -- If an operation lost or got an interaction, the group without an interaction is touched too.
    select coalesce(interaction_id, {{ no_interaction() }}) as interaction_id
    from touched_operations
    where reporting_date is not null
    union
    select coalesce(interaction_id, {{ no_interaction() }}) as interaction_id
    from interactions_now
)

select interaction_id from touched_interactions
