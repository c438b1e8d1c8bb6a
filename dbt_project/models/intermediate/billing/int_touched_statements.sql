-- The columns of the export have the spelling of its standard.
-- noqa: disable=CP02
{% set published = last_published_load() %}
{% set accumulated = last_state_of('int_touched_statements') %}
{% set exported_so_far = last_state_of('focus_cost_and_usage') %}
{% set settings_so_far = last_state_of('int_focus_settings') %}

with touched_months as (
    select * from {{ ref('int_touched_statement_months') }}
),

remapped_owners as (
    select * from {{ ref('int_remapped_owners') }}
),

charges as {{ computed_where_read() }} (
    select * from {{ ref('int_statement_charges') }}
),

-- What concerns the statements of every month.
of_all_months as (
    select dataset as reason
    from {{ source('raw', 'landed_files') }}
    where dataset = 'closed_lines' and load_id > {{ published }}
    {% if settings_so_far is not none and not should_full_refresh() -%}
    union all
    select 'settings' as reason
    from {{ settings_so_far }}
    where
        invoice_issuer is distinct from {{ focus_invoice_issuer() }}
        or billing_account is distinct from {{ focus_billing_account() }}
        or billing_account_name is distinct from {{ focus_billing_account_name() }}
    {%- endif %}
),

touched as (
    select statement_month
    from charges
    where usage_month in (select usage_month from touched_months)

    union

    -- The names of customers.
    select statement_month
    from charges
    where tenant_id in (select owner_id from remapped_owners where owner_kind = 'tenant')

    union

    select statement_month
    from charges
    where exists (select 1 from of_all_months)

    {% if exported_so_far is not none and not should_full_refresh() -%}
    union

    -- Corrections of a month may have moved to another statement, or their charges may be gone.
    select cast(BillingPeriodStart as date) as statement_month
    from {{ exported_so_far }}
    where
        coalesce(x_CorrectedMonth, cast(BillingPeriodStart as date)) in (select usage_month from touched_months)
    {%- endif %}

    {% if accumulated is not none and not should_full_refresh() -%}
    -- A stopped run may have written a statement whose charges have moved since.
    union

    select statement_month from {{ accumulated }} where since_load = {{ published }}
    {%- endif %}
)

select
    statement_month,
    {{ published }} as since_load
from touched
