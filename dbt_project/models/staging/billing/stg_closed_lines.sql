with frozen as (
    select * from {{ source('raw', 'closed_lines') }}
),

-- The same bytes may have been put back after something else stood in their place.
files as (
    select
        sha256,
        min(file_id) as file_id
    from {{ source('raw', 'landed_files') }}
    where dataset = 'closed_lines'
    group by sha256
)

select
    frozen.statement_hash,
    {% for column in statement_line_columns() -%}
    frozen.{{ column }},
    {% endfor -%}
    files.sha256
from frozen
inner join files on frozen.file_id = files.file_id
