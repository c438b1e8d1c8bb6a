with open_lines as (
    select * from {{ ref('int_open_statement_lines') }}
),

closed_lines as (
    select * from {{ ref('int_closed_lines') }}
),

tenant_windows as (
    select * from {{ ref('int_tenant_windows') }}
),

keyed as (
    select *, {{ line_key() }} as line_key
    from open_lines
),

statements as (
    select distinct
        statement_month,
        {{ months_later('statement_month', 1) }} as ends_on,
        tenant_id
    from open_lines
),

-- The name that a tenant had when the month ended, else the first that is known.
named as (
    select
        statements.statement_month,
        statements.tenant_id,
        tenant_windows.tenant_name,
        row_number() over (
            partition by statements.statement_month, statements.tenant_id
            order by
                case when tenant_windows.valid_from < statements.ends_on then tenant_windows.valid_from end
                desc nulls last,
                tenant_windows.valid_from
        ) as place
    from statements
    inner join tenant_windows on statements.tenant_id = tenant_windows.tenant_id
),

-- Of closed lines of the same thing the earliest: the statement of the month itself comes before corrections of it.
corrected as (
    select
        corrections.line_key,
        {{ first_by('closed_lines.line_key', 'closed_lines.month_start') }} as corrects_line_key
    from keyed as corrections
    inner join closed_lines
        on
            corrections.tenant_id = closed_lines.tenant_id
            and corrections.usage_month = closed_lines.usage_month
            and corrections.currency = closed_lines.currency
            and corrections.price_per_credit is not distinct from closed_lines.price_per_credit
            and corrections.kind is not distinct from closed_lines.kind
            and corrections.adjustment_id is not distinct from closed_lines.adjustment_id
    where corrections.line_type = 'correction'
    group by corrections.line_key
)

select
    keyed.line_key,
    cast(keyed.line_number as integer) as line_number,
    keyed.statement_month as month_start,
    keyed.tenant_id,
    case when keyed.tenant_id = {{ unmapped() }} then keyed.tenant_id else named.tenant_name end as tenant_name,
    keyed.line_type, keyed.usage_month, keyed.kind, keyed.adjustment_id, keyed.reason, keyed.currency,
    case when keyed.price_per_credit is null then 'unrated' else 'rated' end as rate_status,
    keyed.price_per_credit,
    cast(keyed.credits as decimal(38, 9)) as credits,
    cast(keyed.operations as bigint) as operations,
    cast(keyed.estimated_credits as decimal(38, 9)) as estimated_credits,
    cast(keyed.read_credits as decimal(38, 9)) as read_credits,
    cast(keyed.fallback_credits as decimal(38, 9)) as fallback_credits,
    keyed.exact_amount,
    keyed.amount,
    keyed.currency_decimals,
    corrected.corrects_line_key,
    'open' as period_status
from keyed
left join named
    on keyed.statement_month = named.statement_month and keyed.tenant_id = named.tenant_id and named.place = 1
left join corrected on keyed.line_key = corrected.line_key

union all

select {{ statement_line_columns() | join(', ') }}, 'closed' as period_status
from closed_lines
