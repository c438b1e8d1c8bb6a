{#
    The rows of an exported table, each with the load of the corrected file that replaced its own file.

    A file that is delivered again under its name is a corrected file, and replaces the earlier one as a whole.
    Snapshots are ordered by the time of the export, so a file with another time is another snapshot.
#}
{% macro mapping_rows(table) -%}
    select
        exports.*,
        files.path,
        files.superseded_by_load
    from {{ source('raw', table) }} as exports
    inner join (
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
        inner join (select distinct file_id, is_snapshot from {{ source('raw', table) }}) as kinds
            on landed_files.file_id = kinds.file_id
        where landed_files.dataset = '{{ table }}'
    ) as files on exports.file_id = files.file_id
{%- endmacro %}
