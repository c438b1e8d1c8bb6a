-- depends_on: {{ ref('int_touched_interactions') }}

with fact as {{ computed_where_read() }} (
    select * from {{ ref('fct_credit_usage') }}
),

days_without_interaction as (
    select * from {{ ref('int_days_without_interaction') }}
),

{% if not is_full_build() -%}
touched_interactions as (
    select * from {{ ref('int_touched_interactions') }}
),
{%- endif %}

by_interaction as (
    select
        interaction_id,
        min(user_id) as least_user_id,
        max(user_id) as greatest_user_id,
        min(tenant_id) as least_tenant_id,
        max(tenant_id) as greatest_tenant_id,
        min(usage_date) as first_usage_date,
        min(occurred_at) as first_used_at,
        max(occurred_at) as last_used_at,
        cast(sum(credits) as decimal(38, 9)) as credits,
        count(*) as operations,
        {{ credits_by_basis() }}
    from fact
    {% if is_full_build() -%}
    where interaction_id <> {{ no_interaction() }}
    {%- else -%}
    where
        interaction_id in (select interaction_id from touched_interactions)
        and interaction_id <> {{ no_interaction() }}
    {%- endif %}
    group by interaction_id
),

-- Usage without an interaction is one group.
without_interaction as (
    select
        {{ no_interaction() }} as interaction_id,
        min(least_user_id) as least_user_id,
        max(greatest_user_id) as greatest_user_id,
        min(least_tenant_id) as least_tenant_id,
        max(greatest_tenant_id) as greatest_tenant_id,
        min(first_usage_date) as first_usage_date,
        min(first_used_at) as first_used_at,
        max(last_used_at) as last_used_at,
        cast(sum(credits) as decimal(38, 9)) as credits,
        cast(sum(operations) as bigint) as operations,
        cast(sum(estimated_credits) as decimal(38, 9)) as estimated_credits,
        cast(sum(read_credits) as decimal(38, 9)) as read_credits,
        cast(sum(fallback_credits) as decimal(38, 9)) as fallback_credits
    from days_without_interaction
    {% if not is_full_build() -%}
    where exists (select 1 from touched_interactions where interaction_id = {{ no_interaction() }})
    {% endif -%}
    having count(*) > 0
),

summed as (
    select * from by_interaction
    union all
    select * from without_interaction
)

select
    interaction_id,
    case when least_user_id = greatest_user_id then least_user_id else {{ several_owners() }} end as user_id,
    case when least_tenant_id = greatest_tenant_id then least_tenant_id else {{ several_owners() }} end as tenant_id,
    first_usage_date,
    first_used_at,
    last_used_at,
    credits,
    operations,
    estimated_credits,
    read_credits,
    fallback_credits
from summed
