with unread_files as (
    select * from {{ source('raw', 'unread_files') }}
),

listed as (
    select
        path,
        kind,
        reason,
        size,
        first_seen_at
    from unread_files
)

select * from listed
