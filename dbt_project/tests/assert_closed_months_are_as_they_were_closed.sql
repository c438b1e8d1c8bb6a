{{ config(meta={'dagster': {'ref': {'name': 'int_closed_months'}}}) }}

-- Each closed month has all rows of the two files that its closing event names by SHA-256.
with closed_months as (
    select * from {{ ref('int_closed_months') }}
),

charges as (
    select statement_month, count(*) as charges_found
    from {{ ref('int_closed_charges') }}
    group by statement_month
),

statement_lines as (
    select month_start, count(*) as lines_found
    from {{ ref('int_closed_lines') }}
    group by month_start
)

select
    coalesce(closed_months.month_start, charges.statement_month, statement_lines.month_start) as month_start,
    closed_months.charges_file,
    closed_months.lines_file
from closed_months
full join charges on closed_months.month_start = charges.statement_month
full join statement_lines on closed_months.month_start = statement_lines.month_start
where
    closed_months.charges_rows is distinct from charges.charges_found
    or closed_months.lines_rows is distinct from statement_lines.lines_found
