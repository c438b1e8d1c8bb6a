with fact as (
    select * from {{ ref('fct_credit_usage') }} where credits_basis = 'unpriced'
),

by_model as (
    select
        model,
        min(reporting_date) as first_date,
        max(reporting_date) as last_date,
        count(*) as operations
    from fact
    group by model
)

select
    {{ key_as_text(narrow_key(["'unpriced'", 'model'])) }} as alert_key,
    'unpriced' as alert_type,
    'model' as scope,
    cast(null as string) as tenant_id,
    cast(null as string) as user_id,
    cast(null as string) as kind,
    first_date as period_start,
    first_date as first_seen_on,
    last_date as last_seen_on,
    true as is_open,
    cast(operations as decimal(38, 9)) as measured,
    cast(0 as decimal(38, 9)) as threshold,
    {{ sentence([
        "'Model '", "model", "' has no usable token price for '", "cast(operations as string)",
        "case when operations = 1 then ' call' else ' calls' end",
        "case when operations = 1 then ', which counts' else ', which count' end",
        "' 0 credits: add its price to provider/token_prices.'",
    ]) }} as summary
from by_model
