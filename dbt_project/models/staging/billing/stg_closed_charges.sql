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
    files.sha256,
    frozen.*
from frozen
inner join files on frozen.file_id = files.file_id
