with adjustments as (
    select * from {{ ref('stg_adjustments') }}
),

monthly as (
    select * from {{ ref('agg_credits_tenant_monthly') }}
),

tenants as (
    select * from {{ ref('stg_tenants') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
),

quotas as (
    select * from {{ ref('stg_quotas') }}
),

interactions as (
    select * from {{ ref('stg_interactions') }}
),

known_customers as (
    select tenant_id from monthly
    union
    select tenant_id from tenants
    union
    select tenant_id from users
    union
    select tenant_id from rates
    union
    select tenant_id from quotas
    union
    select tenant_id from interactions
)

select
    adjustment_id,
    tenant_id,
    file_id,
    path,
    line_number
from adjustments
where tenant_id not in (select tenant_id from known_customers where tenant_id is not null)
