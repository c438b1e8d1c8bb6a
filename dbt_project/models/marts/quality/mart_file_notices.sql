with notices as (
    select * from {{ source('raw', 'file_notices') }}
),

landed_files as (
    select * from {{ source('raw', 'landed_files') }}
),

seen_files as (
    select * from {{ source('raw', 'seen_files') }}
),

customers as (
    select * from {{ ref('int_unknown_customers') }}
),

-- A file that was replaced by other content has no notices any more. A file in a bundle has no path of its own.
standing_notices as (
    select
        landed_files.path,
        landed_files.dataset,
        notices.notice,
        notices.detail,
        notices.rows,
        landed_files.landed_at as first_seen_at
    from notices
    inner join landed_files on notices.file_id = landed_files.file_id
    where
        notices.file_id in (select file_id from seen_files where file_id is not null)
        or not exists (
            select 1
            from seen_files
            where seen_files.dataset = landed_files.dataset and seen_files.path = landed_files.path
        )
),

unknown_customers as (
    select
        customers.path,
        'adjustments' as dataset,
        'unknown_customer' as notice,
        'row ' || cast(customers.line_number as string) || ': an adjustment names the customer '''
        || customers.tenant_id || ''', whom no export and no usage knows' as detail,
        cast(1 as bigint) as rows, -- noqa: RF04
        landed_files.landed_at as first_seen_at
    from customers
    inner join landed_files on customers.file_id = landed_files.file_id
),

all_notices as (
    select * from standing_notices
    union all
    select * from unknown_customers
)

select * from all_notices
