with lines as (
    select * from {{ ref('mart_tenant_statement_lines') }}
),

closed_lines as (
    select * from {{ ref('int_closed_lines') }}
),

-- Closed statements stay as they were frozen, including the hash.
closings as (
    select
        month_start,
        tenant_id,
        min(statement_hash) as statement_hash,
        min(closed_at) as closed_at,
        min(closed_by) as closed_by
    from closed_lines
    group by month_start, tenant_id
),

hashed as (
    select month_start, tenant_id, {{ statement_hash() }} as statement_hash
    from lines
    where period_status = 'open'
    group by month_start, tenant_id
),

summed as (
    select
        month_start,
        tenant_id,
        min(tenant_name) as tenant_name,
        currency,
        rate_status,
        period_status,
        {% for figure in ['credits', 'amount'] -%}
        {% for line_type in ['usage', 'adjustment', 'correction'] -%}
        sum(case when line_type = '{{ line_type }}' then {{ figure }} else 0 end) as {{ line_type }}_{{ figure }},
        {% endfor -%}
        {% endfor -%}
        sum(estimated_credits) as estimated_credits,
        sum(read_credits) as read_credits,
        sum(fallback_credits) as fallback_credits,
        sum(derived_credits) as derived_credits,
        sum(amount) as amount,
        min(currency_decimals) as currency_decimals,
        count(*) as lines
    from lines
    group by month_start, tenant_id, currency, rate_status, period_status
)

select
    summed.month_start,
    summed.tenant_id,
    summed.tenant_name,
    summed.currency,
    summed.rate_status,
    summed.period_status,
    cast(summed.usage_credits as decimal(38, 9)) as credits,
    cast(summed.estimated_credits as decimal(38, 9)) as estimated_credits,
    cast(summed.read_credits as decimal(38, 9)) as read_credits,
    cast(summed.fallback_credits as decimal(38, 9)) as fallback_credits,
    cast(summed.derived_credits as decimal(38, 9)) as derived_credits,
    cast(summed.adjustment_credits as decimal(38, 9)) as adjustment_credits,
    cast(summed.correction_credits as decimal(38, 9)) as correction_credits,
    {% for amount in ['usage_amount', 'adjustment_amount', 'correction_amount', 'amount'] -%}
    case when summed.rate_status = 'rated' then cast(summed.{{ amount }} as decimal(38, 4)) end as {{ amount }},
    {% endfor -%}
    summed.currency_decimals,
    cast(summed.lines as bigint) as lines,
    closings.closed_at,
    closings.closed_by,
    coalesce(closings.statement_hash, hashed.statement_hash) as statement_hash
from summed
left join closings on summed.month_start = closings.month_start and summed.tenant_id = closings.tenant_id
left join hashed on summed.month_start = hashed.month_start and summed.tenant_id = hashed.tenant_id
