{#
    The named steps of a mapping table's exports, and of the files that hold them, each with the load since which a later
    file stands for it.
#}
{% macro exports_and_files(dataset) -%}
exports as (
    select * from {{ source('raw', dataset) }}
),

kinds as (
    select distinct file_id, is_snapshot from exports
),

-- A file delivered again under its name is the corrected one: the whole of it stands for the earlier. A snapshot keeps
-- its place among the others by the time of the export, so that one of another time is another snapshot.
files as (
    select
        landed_files.file_id,
        landed_files.path,
        lead(landed_files.load_id) over (
            partition by
                landed_files.path,
                kinds.is_snapshot,
                case when kinds.is_snapshot then landed_files.exported_at end
            order by landed_files.file_id
        ) as superseded_by_load
    from {{ source('raw', 'landed_files') }} as landed_files
    inner join kinds on landed_files.file_id = kinds.file_id
    where landed_files.dataset = '{{ dataset }}'
)
{%- endmacro %}
