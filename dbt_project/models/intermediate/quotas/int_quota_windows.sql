with windows as (
    {{ mapping_history(
        ref('stg_quotas'), 'quota_key', ['tenant_id', 'user_id', 'kind', 'period', 'allowance_credits', 'warn_at']
    ) }}
)

select * from windows
