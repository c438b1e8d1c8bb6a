with frozen as (
    select * from {{ source('raw', 'closed_charges') }}
),

files as (
    {{ first_files_of_their_content('closed_charges') }}
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
