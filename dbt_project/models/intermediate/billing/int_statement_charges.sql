-- depends_on: {{ ref('int_touched_statement_months') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='usage_month',
    meta={'touched_by': 'int_touched_statement_months'},
) }}

{% set attributes = charge_attributes() | join(', ') %}
{% set figures = charge_figures() | join(', ') %}

with closed_months as (
    select * from {{ ref('int_closed_months') }}
),

{% if is_incremental() -%}
touched_months as (
    select * from {{ ref('int_touched_statement_months') }}
),
{%- endif %}

closed_charges as (
    select * from {{ ref('int_closed_charges') }}
    {% if is_incremental() -%}
    where usage_month in (select usage_month from touched_months)
    {%- endif %}
),

true_charges as (
    select charge_key, month_start as usage_month, {{ attributes }}, {{ figures }}
    from {{ ref('int_charges') }}
    union all
    select charge_key, month_start as usage_month, {{ attributes }}, {{ figures }}
    from {{ ref('int_adjustment_charges') }}
),

-- Current charges minus everything already billed on closed statements.
entries as (
    select true as is_true, charge_key, usage_month, {{ attributes }}, {{ figures }}
    from true_charges
    {% if is_incremental() -%}
    where usage_month in (select usage_month from touched_months)
    {%- endif %}
    union all
    select false as is_true, charge_key, usage_month, {{ attributes }}, {{ negated_figures() }}
    from closed_charges
),

still_to_bill as (
    select
        charge_key,
        usage_month,
        {% for attribute in charge_attributes() if attribute != 'reason' -%}
        min({{ attribute }}) as {{ attribute }},
        {% endfor -%}
        coalesce(min(case when is_true then reason end), min(reason)) as reason,
        {{ summed_figures() }}
    from entries
    group by charge_key, usage_month
    having sum(credits) <> 0 or sum(operations) <> 0
),

-- Charges of a closed month go to the next open month.
on_open_statements as (
    select
        coalesce(closed_months.next_open_month, still_to_bill.usage_month) as statement_month,
        still_to_bill.*,
        case
            when closed_months.next_open_month is not null then 'correction'
            when still_to_bill.adjustment_id is not null then 'adjustment'
            else 'usage'
        end as line_type
    from still_to_bill
    left join closed_months on still_to_bill.usage_month = closed_months.month_start
)

select
    statement_month, usage_month, line_type, 'open' as period_status, charge_key, {{ attributes }}, {{ figures }}
from on_open_statements

union all

select
    statement_month, usage_month, line_type, 'closed' as period_status, charge_key, {{ attributes }}, {{ figures }}
from closed_charges
