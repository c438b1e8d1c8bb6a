-- Do all tables hold the same credits? Every row must show the same sum; otherwise the version is not published.
select 'fct_credit_usage' as table_name, sum(credits) as credits from marts.fct_credit_usage
union all
select 'agg_credits_by_interaction', sum(credits) from marts.agg_credits_by_interaction
union all
select 'agg_credits_daily', sum(credits) from marts.agg_credits_daily
union all
select 'agg_credits_trend_daily', sum(credits) from marts.agg_credits_trend_daily
union all
select 'agg_credits_user_monthly', sum(credits) from marts.agg_credits_user_monthly
union all
select 'agg_credits_tenant_monthly', sum(credits) from marts.agg_credits_tenant_monthly
order by table_name;
