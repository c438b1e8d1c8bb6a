-- depends_on: {{ ref('int_touched_operations') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='operation_key',
    meta={
        'touched_by': 'int_touched_operations',
        'bounded_by': 'usage_date',
        'partitioned_by': 'usage_date',
        'has_dimensions': true,
    },
) }}

with operations as {% if is_incremental() %}{{ computed_once() }} {% endif %}(
    select * from {{ ref('int_operations') }}
),

interaction_owners as (
    select * from {{ ref('int_interaction_owners') }}
    {% if is_incremental() -%}
    where interaction_id in (select interaction_id from operations)
    {%- endif %}
),

assigned_users as (
    select * from {{ ref('int_assigned_users') }} where is_known
),

user_tenants as (
    select * from {{ ref('int_user_tenants') }}
),

tenant_windows as (
    select * from {{ ref('int_tenant_windows') }}
),

with_interaction_owner as (
    select
        operations.*,
        coalesce(operations.user_id, interaction_owners.user_id, assigned_users.user_id) as attributed_user_id,
        coalesce(operations.tenant_id, interaction_owners.tenant_id) as stated_tenant_id,
        case
            when operations.user_id is not null then 'record'
            when interaction_owners.user_id is not null then 'interaction'
            when assigned_users.user_id is not null then 'corti'
            else 'unmapped'
        end as user_source
    from operations
    left join interaction_owners on operations.interaction_id = interaction_owners.interaction_id
    left join assigned_users on operations.interaction_id = assigned_users.interaction_id
),

with_tenant as (
    select
        owned.*,
        coalesce(owned.stated_tenant_id, user_tenants.tenant_id) as attributed_tenant_id,
        case
            when owned.tenant_id is not null then 'record'
            when owned.stated_tenant_id is not null then 'interaction'
            when user_tenants.tenant_id is not null then 'user'
            else 'unmapped'
        end as tenant_source
    from with_interaction_owner as owned
    left join user_tenants
        on
            owned.stated_tenant_id is null
            and owned.attributed_user_id = user_tenants.user_id
            and {{ holds_at('user_tenants', 'owned.occurred_at') }}
),

with_zone as (
    select
        with_tenant.*,
        coalesce(tenant_windows.timezone, 'UTC') as timezone
    from with_tenant
    left join tenant_windows
        on
            with_tenant.attributed_tenant_id = tenant_windows.tenant_id
            and {{ holds_at('tenant_windows', 'with_tenant.occurred_at') }}
),

attributed as (
    select
        {{ key_as_text('operation_key') }} as operation_key,
        kind,
        interaction_id,
        resource_id,
        operation_id,
        coalesce(attributed_user_id, {{ unmapped() }}) as user_id,
        coalesce(attributed_tenant_id, {{ unmapped() }}) as tenant_id,
        user_source,
        tenant_source,
        credits,
        credits_basis,
        status,
        status = 'estimate' as is_estimate,
        source,
        occurred_at,
        usage_date,
        {{ date_in_zone('occurred_at', 'timezone') }} as reporting_date,
        environment,
        corti_tenant,
        first_captured_at,
        model,
        input_tokens,
        output_tokens,
        cached_input_tokens,
        {% for key in dimension_keys() -%}
        coalesce({{ member_of('dimensions', key) }}, {{ no_dimension() }}) as dimension_{{ key }},
        {% endfor -%}
        observations
    from with_zone
)

select * from attributed
