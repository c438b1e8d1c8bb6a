with files as (
    {{ files_and_their_corrections('interactions', known_by=['path', 'exported_at']) }}
)

select
    file_id,
    load_id,
    superseded_by_load
from files
