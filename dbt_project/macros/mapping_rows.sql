{#
    The rows of a table that people export, each with the load that brought a corrected file in place of its own.

    A file delivered again under its name is the corrected one: the whole of it stands for the earlier. A snapshot keeps
    its place among the others by the time of the export, so that one of another time is another snapshot.
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
