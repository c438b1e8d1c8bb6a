-- How many credits did each customer use, under the name and in the zone that it had at the time?
-- Windows are half-open: `valid_to` itself belongs to the next one. The fact has the customer at the
-- operation's own time, so that customer has a window then. A customer that is in no export has none, and shows its id.
select
    usage.tenant_id,
    coalesce(tenants.tenant_name, usage.tenant_id) as tenant_name,
    tenants.timezone,
    sum(usage.credits) as credits,
    count(*) as operations
from marts.fct_credit_usage as usage
left join marts.dim_tenants as tenants
    on
        usage.tenant_id = tenants.tenant_id
        and usage.occurred_at >= tenants.valid_from
        and (tenants.valid_to is null or usage.occurred_at < tenants.valid_to)
group by all
order by credits desc, usage.tenant_id;
