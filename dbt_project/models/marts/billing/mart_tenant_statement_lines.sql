with open_lines as (
    select * from {{ ref('int_open_statement_lines') }}
),

closed_lines as (
    select * from {{ ref('int_closed_lines') }}
),

corrected_lines as (
    select * from {{ ref('int_corrected_lines') }}
),

tenant_windows as (
    select * from {{ ref('int_tenant_windows') }}
),

keyed as (
    select
        *,
        {{ line_key() }} as line_key,
        {{ months_later('statement_month', 1) }} as ends_on
    from open_lines
),

statements as (
    select distinct tenant_id, ends_on from keyed
),

names as (
    {{ names_when_it_ended('statements') }}
)

select
    keyed.line_key,
    cast(keyed.line_number as integer) as line_number,
    keyed.statement_month as month_start,
    keyed.tenant_id,
    case when keyed.tenant_id = {{ unmapped() }} then keyed.tenant_id else names.tenant_name end as tenant_name,
    keyed.line_type, keyed.usage_month, keyed.kind, keyed.adjustment_id, keyed.reason, keyed.currency,
    case when keyed.price_per_credit is null then 'unrated' else 'rated' end as rate_status,
    keyed.price_per_credit,
    cast(keyed.credits as decimal(38, 9)) as credits,
    cast(keyed.operations as bigint) as operations,
    cast(keyed.estimated_credits as decimal(38, 9)) as estimated_credits,
    cast(keyed.read_credits as decimal(38, 9)) as read_credits,
    cast(keyed.fallback_credits as decimal(38, 9)) as fallback_credits,
    cast(keyed.derived_credits as decimal(38, 9)) as derived_credits,
    keyed.exact_amount,
    keyed.amount,
    keyed.currency_decimals,
    corrected_lines.corrects_line_key,
    'open' as period_status
from keyed
left join names on keyed.tenant_id = names.tenant_id and keyed.ends_on = names.ends_on
left join corrected_lines
    on
        keyed.statement_month = corrected_lines.statement_month
        and keyed.tenant_id = corrected_lines.tenant_id
        and keyed.line_number = corrected_lines.line_number

union all

select {{ statement_line_columns() | join(', ') }}, 'closed' as period_status
from closed_lines
