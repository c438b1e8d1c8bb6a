{% set of_what = 'tenant_id, usage_month, kind, adjustment_id, currency, price_per_credit' %}
{% set key = 'statement_month, tenant_id, line_type, usage_month, kind, adjustment_id, currency, price_per_credit' %}

with charges as (
    select * from {{ ref('int_statement_charges') }} where period_status = 'open'
),

closed_lines as (
    select * from {{ ref('int_closed_lines') }}
),

billed as (
    select
        {{ of_what }},
        sum(credits) as billed_credits
    from closed_lines
    group by {{ of_what }}
),

grouped as (
    select
        {{ key }},
        min(reason) as reason,
        max(currency_decimals) as currency_decimals,
        {{ summed_figures() }}
    from charges
    group by {{ key }}
    having sum(credits) <> 0 or sum(operations) <> 0
),

beside_billed as (
    select
        grouped.*,
        grouped.line_type = 'correction'
        and sign(grouped.credits) * sign(coalesce(billed.billed_credits, 0)) < 0 as takes_back
    from grouped
    left join billed
        on
            {{ are_of_the_same('grouped', 'billed') }}
            and grouped.currency = billed.currency
            and grouped.price_per_credit is not distinct from billed.price_per_credit
),

-- A line that takes back comes before the line that replaces it.
numbered as (
    select
        *,
        row_number() over (
            partition by statement_month, tenant_id
            order by
                case when price_per_credit is null then 1 else 0 end,
                currency,
                case line_type when 'usage' then 1 when 'adjustment' then 2 else 3 end,
                usage_month,
                kind nulls last,
                adjustment_id nulls first,
                case when takes_back then 0 else 1 end,
                price_per_credit
        ) as line_number,
        {{ half_up('exact_amount', 'currency_decimals') }} as rounded_amount,
        {{ minor_unit('currency_decimals') }} as unit
    from beside_billed
),

floored as (
    select
        *,
        case when rounded_amount > exact_amount then rounded_amount - unit else rounded_amount end as floor_amount
    from numbered
),

-- The total is rounded once. Lines are rounded down, and the missing units go to the largest remainders.
beside_total as (
    select
        *,
        {{ half_up(
            'sum(exact_amount) over (partition by statement_month, tenant_id, currency)', 'currency_decimals'
        ) }} - sum(floor_amount) over (partition by statement_month, tenant_id, currency) as missing,
        row_number() over (
            partition by statement_month, tenant_id, currency
            order by exact_amount - floor_amount desc, line_number
        ) as place
    from floored
),

rounded as (
    select
        {{ key }},
        line_number,
        takes_back,
        reason,
        currency_decimals,
        {{ charge_figures() | join(', ') }},
        cast(floor_amount + case when place * unit <= missing then unit else 0 end as decimal(38, 4)) as amount
    from beside_total
)

select * from rounded
