with frozen as (
    select * from {{ ref('stg_closed_lines') }}
),

closed_months as (
    select * from {{ ref('int_closed_months') }}
)

select
    {% for column in statement_line_columns() -%}
    frozen.{{ column }},
    {% endfor -%}
    frozen.statement_hash,
    closed_months.closed_at,
    closed_months.closed_by
from frozen
inner join closed_months on frozen.sha256 = closed_months.lines_sha256
