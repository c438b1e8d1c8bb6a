{# Settings: a dbt variable where one is given, else an environment variable, else the default. #}

{% macro share_setting(name, variable, default) -%}
    {{ return(adapter.dispatch('share_setting')(name, variable, default)) }}
{%- endmacro %}

{# Shares are between 0 and 1, in plain decimals. #}
{% macro default__share_setting(name, variable, default) -%}
    {%- set share = var(name, env_var(variable, default) or default) | string -%}
    {%- if not modules.re.fullmatch('0|1|0?[.][0-9]{1,9}|1[.]0*|0[.]', share) -%}
        {{ exceptions.raise_compiler_error(
            variable ~ " is '" ~ share ~ "': give a share between 0 and 1, such as " ~ default
        ) }}
    {%- endif -%}
    cast({{ share }} as decimal(10, 9))
{%- endmacro %}

{# How far our sum may be from Corti's, as a share of Corti's. #}
{% macro reconciliation_tolerance() -%}
    {{ share_setting('reconciliation_tolerance', 'CREDITS_RECONCILIATION_TOLERANCE', '0.001') }}
{%- endmacro %}

{# The share of what Corti lists that records have to cover. #}
{% macro least_coverage() -%}
    {{ share_setting('least_coverage', 'CREDITS_LEAST_COVERAGE', '0.99') }}
{%- endmacro %}

{% macro text_setting(name, variable, default) -%}
    {{ return(adapter.dispatch('text_setting')(name, variable, default)) }}
{%- endmacro %}

{# Stands in a model as a text. #}
{% macro default__text_setting(name, variable, default) -%}
    '{{ var(name, env_var(variable, default) or default) | string | trim | replace("'", "''") }}'
{%- endmacro %}

{# Whose invoice the charges stand on: the company that bills the customers. #}
{% macro focus_invoice_issuer() -%}
    {{ text_setting('focus_invoice_issuer', 'CREDITS_FOCUS_INVOICE_ISSUER', 'Corti') }}
{%- endmacro %}

{# The account of charges that name no Corti tenant, among them every adjustment. #}
{% macro focus_billing_account() -%}
    {{ text_setting('focus_billing_account', 'CREDITS_FOCUS_BILLING_ACCOUNT', 'corti') }}
{%- endmacro %}

{# The name of the one who pays; null where none is set, so that the account's id stands for it. #}
{% macro focus_billing_account_name() -%}
    nullif({{ text_setting('focus_billing_account_name', 'CREDITS_FOCUS_BILLING_ACCOUNT_NAME', '') }}, '')
{%- endmacro %}
