with frozen as (
    select * from {{ source('raw', 'closed_charges') }}
),

-- The same bytes may have been put back after something else stood in their place.
files as (
    select
        sha256,
        min(file_id) as file_id
    from {{ source('raw', 'landed_files') }}
    where dataset = 'closed_charges'
    group by sha256
)

select
    frozen.statement_month,
    frozen.usage_month,
    frozen.line_type,
    frozen.charge_key,
    {% for column in charge_attributes() + charge_figures() -%}
    frozen.{{ column }},
    {% endfor -%}
    files.sha256
from frozen
inner join files on frozen.file_id = files.file_id
