with frozen as (
    select * from {{ source('raw', 'closed_lines') }}
),

files as (
    {{ first_files_of_their_content('closed_lines') }}
)

select
    frozen.statement_hash,
    {% for column in statement_line_columns() -%}
    frozen.{{ column }},
    {% endfor -%}
    files.sha256
from frozen
inner join files on frozen.file_id = files.file_id
