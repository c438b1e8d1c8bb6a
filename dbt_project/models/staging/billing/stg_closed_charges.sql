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
    {% for column in charge_attributes() + charge_figures() if column != 'derived_credits' -%}
    frozen.{{ column }},
    {% endfor -%}
    -- Months were closed before charges had it.
    coalesce(frozen.derived_credits, 0) as derived_credits,
    files.sha256
from frozen
inner join files on frozen.file_id = files.file_id
