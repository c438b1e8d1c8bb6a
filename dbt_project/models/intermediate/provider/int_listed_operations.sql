with resources as (
    select *
    from {{ ref('int_corti_resources') }}
    where kind in ({{ "'" ~ listable_kinds() | join("', '") ~ "'" }})
),

fact as (
    select * from {{ ref('fct_credit_usage') }}
),

observations as {{ computed_where_read() }} (
    select * from {{ ref('int_usage_observations') }}
),

-- A response that was logged unchanged has its id, but not its kind.
listed as {{ computed_once() }} (
    select
        resources.resource_key,
        fact.operation_key,
        fact.usage_date,
        fact.kind,
        fact.environment,
        fact.corti_tenant,
        fact.source
    from fact
    inner join resources
        on
            fact.resource_id = resources.resource_id
            and fact.kind in (resources.kind, 'unspecified')
            and {{ of_account('fact', 'resources') }}
),

-- The figure that counts may come from a read even if capture saw the operation too.
captured_too as (
    select distinct {{ key_as_text('operation_key') }} as operation_key
    from observations
    where
        source = 'created'
        and usage_date in (select usage_date from listed where source = 'read')
        and {{ key_as_text('operation_key') }} in (select operation_key from listed where source = 'read')
)

select
    resource_key,
    operation_key,
    usage_date,
    kind,
    environment,
    corti_tenant,
    source = 'created' or operation_key in (select operation_key from captured_too) as is_captured
from listed
