with observations as (
    select * from {{ ref('int_usage_observations') }}
),

files as (
    select * from {{ source('raw', 'landed_files') }}
),

conflicting as (
    select
        observations.*,
        files.path,
        {{ record_content() }} as content_key
    from observations
    inner join files on observations.file_id = files.file_id
    where observations.record_key in (select record_key from observations where verdict = 'conflict')
),

-- A content that came several times stands once, at the first place by name.
contents as (
    select
        record_id,
        operation_key,
        content_key,
        bool_or(is_effective) as is_effective,
        min(rank_in_operation) as rank_in_operation,
        min(concat(path, ':', line_number)) as place,
        min({{ readable_content() }}) as content
    from conflicting
    group by record_id, operation_key, content_key
),

numbered as (
    select
        *,
        row_number() over (partition by record_id order by is_effective desc, content, content_key) as content_number
    from contents
),

pairs as (
    select
        strongest.record_id,
        strongest.content as first_content,
        strongest.place as first_place,
        other.content as second_content,
        other.place as second_place,
        case
            when strongest.is_effective and other.is_effective then 'both'
            when strongest.is_effective then 'first'
            else 'neither'
        end as which_counts
    from numbered as strongest
    inner join numbered as other on strongest.record_id = other.record_id and other.content_number > 1
    where strongest.content_number = 1
)

select * from pairs
