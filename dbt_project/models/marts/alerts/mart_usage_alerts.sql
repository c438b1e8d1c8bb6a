{% set sources = [
    'quota', 'rolling_quota', 'unusual_day', 'share', 'coverage', 'reconciliation', 'silence', 'expiry', 'balance',
    'unpriced',
] -%}

with found as (
    {% for source in sources -%}
    select {{ alert_columns() | join(', ') }}
    from {{ ref('int_' ~ source ~ '_alerts') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

alerts as (
    select
        alert_key,
        alert_type,
        case
            when alert_type in ('quota_exceeded', 'reconciliation', 'silence', 'balance_exhausted') then 'critical'
            else 'warning'
        end as severity,
        scope,
        tenant_id,
        user_id,
        kind,
        period_start,
        first_seen_on,
        last_seen_on,
        is_open,
        measured,
        threshold,
        summary
    from found
)

select * from alerts
