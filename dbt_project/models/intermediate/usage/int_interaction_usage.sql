-- depends_on: {{ ref('int_touched_interactions') }}

{% set said = 'user_id, tenant_id, credits, is_estimate, source, user_source, occurred_at, usage_date' %}

with fact as {{ computed_where_read() }} (
    select * from {{ ref('fct_credit_usage') }}
),

{% if not is_full_build() -%}
touched_interactions as (
    select * from {{ ref('int_touched_interactions') }}
),
{%- endif %}

operations as (
    {% if is_full_build() -%}
    select coalesce(interaction_id, {{ no_interaction() }}) as interaction_id, {{ said }}
    from fact
    {%- else -%}
    select interaction_id, {{ said }}
    from fact
    where interaction_id in (select interaction_id from touched_interactions)
    union all
    select {{ no_interaction() }} as interaction_id, {{ said }}
    from fact
    where
        interaction_id is null
        and exists (select 1 from touched_interactions where interaction_id = {{ no_interaction() }})
    {%- endif %}
),

usage_by_interaction as (
    select
        interaction_id,
        case when min(user_id) = max(user_id) then min(user_id) else {{ several_owners() }} end as user_id,
        case when min(tenant_id) = max(tenant_id) then min(tenant_id) else {{ several_owners() }} end as tenant_id,
        min(usage_date) as first_usage_date,
        min(occurred_at) as first_used_at,
        max(occurred_at) as last_used_at,
        sum(credits) as credits,
        count(*) as operations,
        {{ credits_by_basis() }}
    from operations
    group by interaction_id
)

select * from usage_by_interaction
