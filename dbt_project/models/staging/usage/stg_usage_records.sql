with usage_records as (
    select * from {{ source('raw', 'usage_records') }}
),

worded as (
    select
        load_id,
        file_id,
        line_number,
        coalesce(lower(kind), case when type is not null then 'stream' end, 'unspecified') as kind,
        case
            when status is null and type = 'delta_usage' then 'estimate'
            when status in ('metered', 'provisional', 'estimate', 'unreported') then status
            when status = 'processing' then 'provisional'
            else 'final'
        end as status,
        case when source = 'read' then 'read' else 'created' end as source,
        {{ usage_record_columns() | reject('in', ['kind', 'status', 'source']) | join(',\n        ') }}
    from usage_records
),

keyed as (
    select
        *,
        -- A record without any id is identified by its content, which is hashed only then.
        coalesce(
            resource_id,
            operation_id,
            record_id,
            {{ key_as_text(record_content()) }}
        ) as named_by
    from worded
)

select
    load_id,
    file_id,
    line_number,
    {{ usage_record_columns() | join(',\n    ') }},
    case
        when status = 'unreported' or (status = 'metered' and credits is null) then cast(0 as decimal(18, 9))
        else credits
    end as counted_credits,
    {{ narrow_key(['environment', 'corti_tenant', 'kind', 'named_by']) }} as operation_key,
    {{ narrow_key_of_text('record_id') }} as record_key
from keyed
