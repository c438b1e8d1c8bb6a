{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='operation_key',
    meta={'touched_by': 'int_touched_operations'},
) }}

with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

touched_operations as (
    select * from {{ ref('int_touched_operations') }}
),

concerned as (
    select *
    from fact
    {% if not is_full_build() -%}
    where
        usage_date in (select usage_date from touched_operations)
        and operation_key in (select operation_key from touched_operations)
    {%- endif %}
),

unreported as (
    select
        operation_key,
        kind,
        interaction_id,
        resource_id,
        operation_id,
        user_id,
        tenant_id,
        occurred_at,
        environment,
        corti_tenant,
        case
            when kind in ('stream', 'transcribe') then 'the socket closed before its usage message'
            else 'the call ended without a usage figure'
        end as what_ended_it
    from concerned
    where status = 'unreported'
)

select * from unreported
