with reconciliation as (
    select * from {{ ref('mart_provider_reconciliation') }} where status <> 'matched'
),

as_of as (
    select * from {{ ref('int_as_of') }} where as_of_date is not null
),

placed as (
    select
        reconciliation.*,
        cast(reconciliation.window_from as date) as first_seen_on,
        case
            when
                reconciliation.window_to > reconciliation.window_from
                and reconciliation.window_to = date_trunc('day', reconciliation.window_to)
                then {{ days_later('cast(reconciliation.window_to as date)', -1) }}
            else cast(reconciliation.window_to as date)
        end as last_seen_on,
        as_of.as_of_date
    from reconciliation
    cross join as_of
)

select
    {{ key_as_text(narrow_key([
        "'reconciliation'", 'cast(window_from as string)', 'cast(window_to as string)', 'user_id', 'tenant_id',
        'corti_tenant', 'environment',
    ])) }} as alert_key,
    'reconciliation' as alert_type,
    case when user_id is not null then 'user' when tenant_id is not null then 'tenant' else 'account' end as scope,
    tenant_id,
    user_id,
    cast(null as string) as kind,
    first_seen_on as period_start,
    first_seen_on,
    last_seen_on,
    last_seen_on > {{ days_later('as_of_date', -days_open_for_pulls()) }} as is_open,
    our_credits as measured,
    provider_credits as threshold,
    {{ sentence([
        "'Corti reports '", plainly('provider_credits'), "' credits from '", "cast(first_seen_on as string)", "' to '",
        "cast(last_seen_on as string)", "' of user ' || user_id", "' of tenant ' || tenant_id",
        "', the records come to '", plainly('our_credits'), "'.'",
    ]) }} as summary
from placed
