with corrections as (
    select * from {{ ref('int_open_statement_lines') }} where line_type = 'correction'
),

closed_lines as (
    select * from {{ ref('int_closed_lines') }}
),

taken_back as (
    select distinct tenant_id, usage_month, kind, adjustment_id, currency, price_per_credit
    from corrections
    where takes_back
),

-- Prefer the closed line with the same price; otherwise the one with the price that this statement takes back. A line
-- of the month's own statement comes before later corrections of it.
candidates as (
    select
        corrections.statement_month,
        corrections.tenant_id,
        corrections.line_number,
        closed_lines.line_key as corrects_line_key,
        row_number() over (
            partition by corrections.statement_month, corrections.tenant_id, corrections.line_number
            order by
                case
                    when
                        corrections.currency = closed_lines.currency
                        and corrections.price_per_credit is not distinct from closed_lines.price_per_credit
                        then 1
                    when taken_back.tenant_id is not null then 2
                    when corrections.currency = closed_lines.currency then 3
                    else 4
                end,
                closed_lines.month_start,
                closed_lines.line_number
        ) as place
    from corrections
    inner join closed_lines
        on {{ are_of_the_same('corrections', 'closed_lines') }}
    left join taken_back
        on
            {{ are_of_the_same('closed_lines', 'taken_back') }}
            and closed_lines.currency = taken_back.currency
            and closed_lines.price_per_credit is not distinct from taken_back.price_per_credit
),

corrected as (
    select statement_month, tenant_id, line_number, corrects_line_key from candidates where place = 1
)

select * from corrected
