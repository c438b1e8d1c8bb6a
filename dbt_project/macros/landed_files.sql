{# Which files of a dataset count. #}

{#
    The files of a dataset, each with the load of the corrected file that replaced it, if there is one. A file that is
    delivered again under its name is a corrected file, and replaces the earlier one as a whole.
#}
{% macro files_and_their_corrections(dataset, known_by=['path']) -%}
    select
        file_id,
        load_id,
        path,
        lead(load_id) over (partition by {{ known_by | join(', ') }} order by file_id) as superseded_by_load
    from {{ source('raw', 'landed_files') }}
    where dataset = '{{ dataset }}'
{%- endmacro %}

{# Each content of a dataset's files once: the same bytes may have been put back after other bytes. #}
{% macro first_files_of_their_content(dataset) -%}
    select
        sha256,
        min(file_id) as file_id
    from {{ source('raw', 'landed_files') }}
    where dataset = '{{ dataset }}'
    group by sha256
{%- endmacro %}
