{# What the FOCUS export has rows of. #}

{#
    A query: charges of statements, and purchases and grants of credits, with the columns of both, who pays, and the
    credits that purchases have already paid for.
#}
{% macro charges_and_purchases(charges, purchases, prepaid_days, partly_prepaid_charges) -%}
    {%- set columns = (
        ['statement_month', 'usage_month', 'line_type', 'period_status', 'charge_key']
        + charge_attributes() + charge_figures()
    ) | join(', ') -%}
    select
        charges.*,
        case
            when not charges.is_usage then 0
            when partly.charge_key is not null then partly.prepaid_credits
            when days.usage_date is not null then charges.credits
            else 0
        end as prepaid_credits,
        coalesce(coalesce(charges.environment || '/', '') || charges.corti_tenant, {{ focus_billing_account() }}) as payer
    from (
        select
            {{ columns }},
            adjustment_id is null as is_usage,
            cast(null as string) as purchase_id,
            {{ days_later('usage_date', 1) }} as ends_on,
            price_per_credit as list_price_per_credit,
            {{ line_key() }} as line_key
        from {{ charges }}
        union all
        select
            {{ columns }},
            false as is_usage,
            purchase_id,
            ends_on,
            list_price_per_credit,
            cast(null as string) as line_key
        from {{ purchases }}
    ) as charges
    left join {{ prepaid_days }} as days
        on
            charges.usage_date = days.usage_date
            and charges.environment is not distinct from days.environment
            and charges.corti_tenant is not distinct from days.corti_tenant
    left join {{ partly_prepaid_charges }} as partly
        on charges.statement_month = partly.statement_month and charges.charge_key = partly.charge_key
{%- endmacro %}
