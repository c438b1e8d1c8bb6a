-- depends_on: {{ ref('int_touched_audit_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='usage_date',
    meta={'touched_by': 'int_touched_audit_dates'},
) }}

{#- How many seconds after a call another one may be a retry of it. #}
{% set retry_seconds = 60 %}
{% set caller = [
    'environment', 'corti_tenant', 'kind', 'tenant_id', 'user_id', 'interaction_id',
] %}
{% set request = ['model', 'input_tokens', 'case when input_tokens is null then credits end'] %}

with fact as (
    select * from {{ ref('fct_credit_usage') }}
),

{% if is_incremental() -%}
touched_dates as (
    select usage_date from {{ ref('int_touched_audit_dates') }}
),
{%- endif %}

-- Of an operation without a user and an interaction nobody knows who called.
concerned as (
    select *
    from fact
    where
        (interaction_id is not null or user_source <> 'unmapped')
        {% if is_incremental() -%}
        and usage_date in (
            select usage_date from touched_dates
            union
            select {{ days_later('usage_date', -1) }} from touched_dates
        )
        {%- endif %}
),

-- Two calls that cost credits, with the same caller, model and size.
charged as (
    select
        *,
        lag(operation_key) over same_request as first_operation_key,
        lag(occurred_at) over same_request as first_occurred_at
    from concerned
    where
        credits > 0
        -- Without tokens credits stand for the size. Facts of one text often cost the same, and so do conversations.
        and (input_tokens is not null or kind not in ('facts', 'stream', 'transcribe', 'embedded'))
    window same_request as (
        partition by {{ (caller + request) | join(', ') }} order by occurred_at, operation_key
    )
),

-- A call that failed without a figure, and the next call of the same caller.
retried as (
    select
        *,
        lag(operation_key) over same_caller as first_operation_key,
        lag(occurred_at) over same_caller as first_occurred_at,
        lag(status) over same_caller as first_status
    from concerned
    window same_caller as (
        partition by {{ caller | join(', ') }} order by occurred_at, operation_key
    )
),

pairs as (
    select
        first_operation_key,
        first_occurred_at,
        operation_key,
        occurred_at,
        usage_date,
        kind,
        interaction_id,
        user_id,
        tenant_id,
        credits,
        'both were charged, with the same caller, model and size' as why
    from charged
    union all
    select
        first_operation_key,
        first_occurred_at,
        operation_key,
        occurred_at,
        usage_date,
        kind,
        interaction_id,
        user_id,
        tenant_id,
        credits,
        'the first ended without a figure, and the same caller called again' as why
    from retried
    where first_status = 'unreported' and credits > 0
),

double_charges as (
    select
        first_operation_key,
        operation_key as second_operation_key,
        kind,
        interaction_id,
        user_id,
        tenant_id,
        usage_date,
        first_occurred_at,
        occurred_at as second_occurred_at,
        cast({{ seconds_between('first_occurred_at', 'occurred_at') }} as decimal(18, 3)) as seconds_between,
        why,
        credits as credits_at_stake
    from pairs
    where
        first_operation_key is not null
        and occurred_at <= {{ seconds_later('first_occurred_at', retry_seconds) }}
        {% if is_incremental() -%}
        and usage_date in (select usage_date from touched_dates)
        {%- endif %}
)

select * from double_charges
