{# Which file of a dataset stands. #}

{#
    The files of a dataset, each with the load that brought a corrected one in its place, if any did: a file delivered
    again under its name is the corrected one, and the whole of it stands for the earlier.
#}
{% macro files_and_their_corrections(dataset, known_by=['path']) -%}
    select
        file_id,
        path,
        lead(load_id) over (partition by {{ known_by | join(', ') }} order by file_id) as superseded_by_load
    from {{ source('raw', 'landed_files') }}
    where dataset = '{{ dataset }}'
{%- endmacro %}

{# Each content of a dataset's files once: the same bytes may have been put back after something else. #}
{% macro first_files_of_their_content(dataset) -%}
    select
        sha256,
        min(file_id) as file_id
    from {{ source('raw', 'landed_files') }}
    where dataset = '{{ dataset }}'
    group by sha256
{%- endmacro %}
