with frozen as (
    select * from {{ source('raw', 'closed_lines') }}
),

files as (
    {{ first_files_of_their_content('closed_lines') }}
)

select
    frozen.statement_hash,
    {% for column in statement_line_columns() if column != 'derived_credits' -%}
    frozen.{{ column }},
    {% endfor -%}
    -- Months were closed before lines had it.
    coalesce(frozen.derived_credits, 0) as derived_credits,
    files.sha256
from frozen
inner join files on frozen.file_id = files.file_id
