{% set published = last_published_load() %}
{% set fact = fact_so_far() %}
{% set accumulated = last_state_of('int_touched_operations') %}

with observations as (
    select operation_key, created_at, captured_at
    from {{ ref('int_usage_observations') }}
    where last_load_id > {{ published }}
),

remapped as (
    select * from {{ ref('int_remapped_owners') }}
),

corti_interactions as (
    select * from {{ ref('int_corti_interactions') }}
),

assigned_users as (
    select * from {{ ref('int_assigned_users') }}
),

pending as (
    select distinct dataset from {{ source('raw', 'landed_files') }} where load_id > {{ published }}
),

-- Interactions whose assignment may have changed: Corti listed them again, or an export may have named the user.
reassigned as (
    select interaction_id from corti_interactions where load_id > {{ published }}
    union
    select interaction_id
    from assigned_users
    where exists (select 1 from pending where dataset in ('users', 'interactions'))
),

reassigned_users as (
    select
        reassigned.interaction_id,
        coalesce(assigned_users.user_id, {{ unmapped() }}) as user_id
    from reassigned
    left join assigned_users on reassigned.interaction_id = assigned_users.interaction_id and assigned_users.is_known
),

-- Every date that the operation may have had so far, or has now.
observed as (
    select {{ key_as_text('operation_key') }} as operation_key, cast(created_at as date) as usage_date
    from observations
    where created_at is not null
    union
    select {{ key_as_text('operation_key') }} as operation_key, cast(captured_at as date) as usage_date
    from observations
    where captured_at is not null
    {% if accumulated is not none and not should_full_refresh() -%}
    union
    -- A stopped run may have moved an operation to a date that nothing else names any more.
    select operation_key, usage_date from {{ accumulated }} where since_load = {{ published }}
    {%- endif %}
),

touched as (
    select
        operation_key,
        usage_date,
        cast(null as date) as reporting_date,
        cast(null as string) as interaction_id
    from observed

    {% if fact is not none and not should_full_refresh() -%}
    union

    select operation_key, usage_date, reporting_date, interaction_id
    from {{ fact }}
    where
        usage_date in (select usage_date from observed)
        and operation_key in (select operation_key from observed)

    {% for owner in ['user', 'tenant', 'interaction'] %}
    union

    select operation_key, usage_date, reporting_date, interaction_id
    from {{ fact }}
    where {{ owner }}_id in (select owner_id from remapped where owner_kind = '{{ owner }}')
    {% endfor %}
    union

    -- Credits that are derived from tokens have the price of the newest list.
    select operation_key, usage_date, reporting_date, interaction_id
    from {{ fact }}
    where
        credits_basis <> 'reported'
        and exists (select 1 from pending where dataset = 'token_prices')

    union

    -- If nothing else names a user, the fact has the user that Corti assigned: operations whose assignment has changed.
    select fact.operation_key, fact.usage_date, fact.reporting_date, fact.interaction_id
    from {{ fact }} as fact
    inner join reassigned_users on fact.interaction_id = reassigned_users.interaction_id
    where
        fact.user_source in ('corti', 'unmapped')
        and fact.user_id <> reassigned_users.user_id
    {%- endif %}

    {% if accumulated is not none and not should_full_refresh() -%}
    -- A stopped run may already have moved an operation: only this table knows its date before.
    union

    select operation_key, usage_date, reporting_date, interaction_id
    from {{ accumulated }}
    where since_load = {{ published }}
    {%- endif %}
)

select
    operation_key,
    usage_date,
    reporting_date,
    interaction_id,
    {{ published }} as since_load
from touched
{% if should_full_refresh() -%}
-- A full build writes everything, so no operation has to be listed.
where 1 = 0
{%- endif %}
