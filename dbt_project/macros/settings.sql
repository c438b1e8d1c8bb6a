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

{% macro number_setting(name, variable, default) -%}
    {{ return(adapter.dispatch('number_setting')(name, variable, default)) }}
{%- endmacro %}

{# Other numbers are plain decimals, 0 or more, of up to 9 digits on either side of the point. #}
{% macro default__number_setting(name, variable, default) -%}
    {%- set number = var(name, env_var(variable, default) or default) | string -%}
    {%- if not modules.re.fullmatch('[0-9]{1,9}([.][0-9]{1,9})?', number) -%}
        {{ exceptions.raise_compiler_error(
            variable ~ " is '" ~ number ~ "': give a number in plain decimals, 0 or more, such as " ~ default
        ) }}
    {%- endif -%}
    cast({{ number }} as decimal(18, 9))
{%- endmacro %}

{# How far a day may be from the median of its weekday, as a modified z-score. #}
{% macro unusual_day_score() -%}
    {{ number_setting('unusual_day_score', 'CREDITS_UNUSUAL_DAY_SCORE', '3.5') }}
{%- endmacro %}

{# How many times that median it has to be as well. #}
{% macro unusual_day_multiple() -%}
    {{ number_setting('unusual_day_multiple', 'CREDITS_UNUSUAL_DAY_MULTIPLE', '3') }}
{%- endmacro %}

{# The credits below which no day is unusual, and the share of all credits of the day. #}
{% macro unusual_day_least_credits() -%}
    {{ number_setting('unusual_day_least_credits', 'CREDITS_UNUSUAL_DAY_LEAST_CREDITS', '20') }}
{%- endmacro %}

{% macro unusual_day_least_share() -%}
    {{ share_setting('unusual_day_least_share', 'CREDITS_UNUSUAL_DAY_LEAST_SHARE', '0.01') }}
{%- endmacro %}

{# The share of a week's credits that may lack an owner, and of its operations that may lack a figure. #}
{% macro most_unmapped() -%}
    {{ share_setting('most_unmapped', 'CREDITS_MOST_UNMAPPED', '0.02') }}
{%- endmacro %}

{% macro most_unreported() -%}
    {{ share_setting('most_unreported', 'CREDITS_MOST_UNREPORTED', '0.02') }}
{%- endmacro %}
