with totals as (
    select * from {{ ref('mart_provider_reconciliation') }}
),

-- A window that ends in the first instant of the next month is the month's; one that reaches further is nobody's.
within_a_month as (
    select
        *,
        cast(date_trunc('month', window_from) as date) as month_start
    from totals
    where window_to <= {{ months_later("cast(date_trunc('month', window_from) as date)", 1) }}
),

by_owner as (
    {% for owner in ['user', 'tenant'] -%}
    select
        month_start,
        '{{ owner }}' as owner_kind,
        {{ owner }}_id as owner_id,
        window_from,
        window_to,
        provider_credits,
        our_credits
    from within_a_month
    where {{ owner }}_id is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

compared as (
    select
        month_start,
        owner_kind,
        owner_id,
        cast(min(window_from) as date) as first_day,
        cast(max(window_to) as date) as last_day,
        sum(provider_credits) as provider_credits,
        sum(our_credits) as our_credits
    from by_owner
    group by month_start, owner_kind, owner_id
)

select
    month_start,
    owner_kind,
    owner_id,
    first_day,
    last_day,
    {{ reconciled('provider_credits', 'our_credits') }} as status
from compared
