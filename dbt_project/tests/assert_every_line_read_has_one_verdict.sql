{{ config(meta={'dagster': {'ref': {'name': 'mart_load_audit'}}}) }}

select file_id, file, lines
from {{ ref('mart_load_audit') }}
where lines <> new_records + duplicate_records + correction_records + conflict_records + rejected_lines
