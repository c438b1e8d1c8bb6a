-- The columns of the export have the spelling of its standard.
-- noqa: disable=CP02
{% set published = last_published_load() %}
{% set accumulated = last_state_of('int_touched_statements') %}
{% set exported_so_far = last_state_of('focus_cost_and_usage') %}
{% set settings_so_far = last_state_of('int_focus_settings') %}
{% set prepaid_so_far = last_state_of('int_focus_prepaid_days') %}
{% set prepaid_day = 'environment, corti_tenant, usage_date, account_key, credits, prepaid_credits' %}

with touched_months as (
    select * from {{ ref('int_touched_statement_months') }}
),

remapped_owners as (
    select * from {{ ref('int_remapped_owners') }}
),

charges as {{ computed_where_read() }} (
    select * from {{ ref('int_statement_charges') }}
),

purchase_charges as (
    select * from {{ ref('int_purchase_charges') }}
),

prepaid_days as (
    select * from {{ ref('int_prepaid_days') }}
),

new_purchases as (
    select file_id
    from {{ source('raw', 'landed_files') }}
    where dataset = 'purchases' and load_id > {{ published }}
),

-- Days on which purchases pay another part of the use than the export says, and days that are prepaid in part and have
-- changed charges.
repaid_days as (
    select environment, corti_tenant, usage_date
    from prepaid_days
    where
        prepaid_credits < credits
        and usage_date in (
            select usage_date from charges where usage_month in (select usage_month from touched_months)
        )
    {% if prepaid_so_far is not none and not should_full_refresh() -%}
    union

    select environment, corti_tenant, usage_date
    from (
        (
            select {{ prepaid_day }} from prepaid_days
            except
            select {{ prepaid_day }} from {{ prepaid_so_far }}
        )
        union all
        (
            select {{ prepaid_day }} from {{ prepaid_so_far }}
            except
            select {{ prepaid_day }} from prepaid_days
        )
    ) as changed
    {%- endif %}
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
        or list_price is distinct from {{ price_by_the_list() }}
        or list_currency is distinct from {{ currency_of_the_list() }}
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

    union

    select statement_month
    from purchase_charges
    where exists (select 1 from of_all_months) or exists (select 1 from new_purchases)

    union

    select charges.statement_month
    from charges
    inner join repaid_days
        on
            charges.usage_date = repaid_days.usage_date
            and charges.environment is not distinct from repaid_days.environment
            and charges.corti_tenant is not distinct from repaid_days.corti_tenant

    {% if exported_so_far is not none and not should_full_refresh() -%}
    union

    -- Corrections of a month may have moved to another statement, or their charges may be gone.
    select cast(BillingPeriodStart as date) as statement_month
    from {{ exported_so_far }}
    where
        coalesce(x_CorrectedMonth, cast(BillingPeriodStart as date)) in (select usage_month from touched_months)
        or (x_PurchaseId is not null and exists (select 1 from new_purchases))
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
