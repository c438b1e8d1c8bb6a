{% set attributes = charge_attributes() | join(', ') %}
{% set figures = charge_figures() %}

with charges as (
    select * from {{ ref('int_charges') }}
),

adjustments as (
    select * from {{ ref('int_adjustment_charges') }}
),

closed_months as (
    select * from {{ ref('int_closed_months') }}
),

frozen as (
    select closed_charges.*
    from {{ ref('stg_closed_charges') }} as closed_charges
    inner join closed_months on closed_charges.sha256 = closed_months.charges_sha256
),

-- What is true by now, less what closed statements have billed, on whichever of them.
entries as (
    select true as is_true, charge_key, month_start as usage_month, {{ attributes }}, {{ figures | join(', ') }}
    from charges
    union all
    select true as is_true, charge_key, month_start as usage_month, {{ attributes }}, {{ figures | join(', ') }}
    from adjustments
    union all
    select
        false as is_true, charge_key, usage_month, {{ attributes }},
        {% for figure in figures -%}
        -{{ figure }} as {{ figure }}{{ ',' if not loop.last }}
        {% endfor -%}
    from frozen
),

still_to_bill as (
    select
        charge_key,
        usage_month,
        {% for attribute in charge_attributes() if attribute != 'reason' -%}
        min({{ attribute }}) as {{ attribute }},
        {% endfor -%}
        coalesce(min(case when is_true then reason end), min(reason)) as reason,
        {% for figure in figures -%}
        sum({{ figure }}) as {{ figure }}{{ ',' if not loop.last }}
        {% endfor -%}
    from entries
    group by charge_key, usage_month
    having sum(credits) <> 0 or sum(operations) <> 0
),

-- A row of closed months ends in one of these.
months_after as (
    select {{ months_later('month_start', 1) }} as month_start from closed_months
),

open_months_after as (
    select month_start from months_after where month_start not in (select month_start from closed_months)
),

placed as (
    select
        closed_months.month_start,
        min(open_months_after.month_start) as next_open_month
    from closed_months
    inner join open_months_after on closed_months.month_start < open_months_after.month_start
    group by closed_months.month_start
)

select
    coalesce(placed.next_open_month, still_to_bill.usage_month) as statement_month,
    still_to_bill.usage_month,
    case
        when placed.next_open_month is not null then 'correction'
        when still_to_bill.adjustment_id is not null then 'adjustment'
        else 'usage'
    end as line_type,
    'open' as period_status,
    {% for column in ['charge_key'] + charge_attributes() -%}
    still_to_bill.{{ column }},
    {% endfor -%}
    {% for figure in figures -%}
    still_to_bill.{{ figure }}{{ ',' if not loop.last }}
    {% endfor -%}
from still_to_bill
left join placed on still_to_bill.usage_month = placed.month_start

union all

select
    statement_month, usage_month, line_type, 'closed' as period_status, charge_key, {{ attributes }},
    {{ figures | join(', ') }}
from frozen
