with frozen as (
    select * from {{ ref('stg_closed_charges') }}
),

closed_months as (
    select * from {{ ref('int_closed_months') }}
)

select
    frozen.statement_month,
    frozen.usage_month,
    frozen.line_type,
    {% for column in charge_attributes() + charge_figures() -%}
    frozen.{{ column }},
    {% endfor -%}
    frozen.charge_key
from frozen
inner join closed_months on frozen.sha256 = closed_months.charges_sha256
