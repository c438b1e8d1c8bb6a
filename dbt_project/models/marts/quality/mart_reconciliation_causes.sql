with totals as (
    select * from {{ ref('int_provider_totals') }}
),

evidence as (
    select * from {{ ref('int_gap_evidence') }}
),

causes as (
    {% for cause in causes_of_gaps() -%}
    select {{ loop.index }} as cause_order, '{{ cause }}' as cause
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

gaps as (
    select
        *,
        cast(our_credits - provider_credits as decimal(38, 9)) as difference,
        cast(abs(our_credits - provider_credits) as decimal(38, 9)) as size
    from totals
    where our_credits <> provider_credits
),

with_evidence as (
    select
        gaps.*,
        causes.cause_order,
        causes.cause,
        case
            when causes.cause <> 'unexplained' then cast(coalesce(evidence.credits_at_stake, 0) as decimal(38, 9))
        end as credits_at_stake,
        case
            when causes.cause <> 'unexplained' then cast(coalesce(evidence.operations, 0) as bigint)
        end as operations_at_stake
    from gaps
    cross join causes
    left join evidence on gaps.total_key = evidence.total_key and causes.cause = evidence.cause
),

-- Each cause explains what the causes before it have left, up to what is at stake; the last one all of the rest.
cumulated as (
    select
        *,
        coalesce(credits_at_stake, size) as most,
        cast(sum(coalesce(credits_at_stake, size)) over (
            partition by total_key
            order by cause_order
            rows between unbounded preceding and current row
        ) as decimal(38, 9)) as most_up_to_here
    from with_evidence
),

explained as (
    select
        window_from,
        window_to,
        user_id,
        tenant_id,
        corti_tenant,
        environment,
        difference,
        cause_order,
        cause,
        cast(
            case when difference < 0 then -1 else 1 end
            * (least(most_up_to_here, size) - least(most_up_to_here - most, size)) as decimal(38, 9)
        ) as credits,
        credits_at_stake,
        operations_at_stake
    from cumulated
)

select * from explained
