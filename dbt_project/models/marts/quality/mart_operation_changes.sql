{{ config(
    materialized='incremental',
    incremental_strategy='replace_by_key',
    unique_key='operation_key',
) }}

with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

-- What changes is known only when a version is published: publishing compares the fact with that of the version before,
-- and adds the rows. This model makes the table, and never takes away a row.
operation_changes as (
    select
        operation_key as version, -- noqa: RF04
        usage_date as changed_on,
        operation_key,
        status as changed,
        user_id as user_id_before,
        user_id as user_id_after,
        tenant_id as tenant_id_before,
        tenant_id as tenant_id_after,
        credits as credits_before,
        credits as credits_after,
        status as status_before,
        status as status_after,
        status as why
    from fact
    where 1 = 0
)

select * from operation_changes
