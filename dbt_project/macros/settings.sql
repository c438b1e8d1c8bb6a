{# Settings: a dbt variable if one is given, else an environment variable, else the default. #}

{% macro share_setting(name, variable, default) -%}
    {{ return(adapter.dispatch('share_setting')(name, variable, default)) }}
{%- endmacro %}

{# Shares are plain decimals between 0 and 1. #}
{% macro default__share_setting(name, variable, default) -%}
    {%- set share = var(name, env_var(variable, default) or default) | string -%}
    {%- if not modules.re.fullmatch('0|1|0?[.][0-9]{1,9}|1[.]0*|0[.]', share) -%}
        {{ exceptions.raise_compiler_error(
            variable ~ " is '" ~ share ~ "': give a share between 0 and 1, such as " ~ default
        ) }}
    {%- endif -%}
    cast({{ share }} as decimal(10, 9))
{%- endmacro %}

{# How far our sum may differ from Corti's, as a share of Corti's. #}
{% macro reconciliation_tolerance() -%}
    {{ share_setting('reconciliation_tolerance', 'CREDITS_RECONCILIATION_TOLERANCE', '0.001') }}
{%- endmacro %}

{# The share of Corti's listed resources that records must cover. #}
{% macro least_coverage() -%}
    {{ share_setting('least_coverage', 'CREDITS_LEAST_COVERAGE', '0.99') }}
{%- endmacro %}

{% macro text_setting(name, variable, default) -%}
    {{ return(adapter.dispatch('text_setting')(name, variable, default)) }}
{%- endmacro %}

{# A setting as a text literal. #}
{% macro default__text_setting(name, variable, default) -%}
    {{ text_literal(var(name, env_var(variable, default) or default) | string | trim) }}
{%- endmacro %}

{# The issuer of the invoices: the company that bills the customers. #}
{% macro focus_invoice_issuer() -%}
    {{ text_setting('focus_invoice_issuer', 'CREDITS_FOCUS_INVOICE_ISSUER', 'Corti') }}
{%- endmacro %}

{# The account of charges without a Corti tenant, including all adjustments. #}
{% macro focus_billing_account() -%}
    {{ text_setting('focus_billing_account', 'CREDITS_FOCUS_BILLING_ACCOUNT', 'corti') }}
{%- endmacro %}

{# The name of who pays; null if none is set, and then the account's id is used. #}
{% macro focus_billing_account_name() -%}
    nullif({{ text_setting('focus_billing_account_name', 'CREDITS_FOCUS_BILLING_ACCOUNT_NAME', '') }}, '')
{%- endmacro %}

{% macro words_setting(name, variable, default) -%}
    {{ return(adapter.dispatch('words_setting')(name, variable, default)) }}
{%- endmacro %}

{# A list of plain words; `none` is no word. #}
{% macro default__words_setting(name, variable, default) -%}
    {%- set stated = var(name, env_var(variable, default) or default) | string -%}
    {%- set words = [] -%}
    {%- for word in stated.split(',') if stated != 'none' -%}
        {%- if not modules.re.fullmatch('[a-z][a-z0-9_]{0,39}', word | trim) -%}
            {{ exceptions.raise_compiler_error(
                variable ~ " is '" ~ stated ~ "': give words of a to z, digits and _, separated by commas"
            ) }}
        {%- endif -%}
        {%- do words.append(word | trim) -%}
    {%- endfor -%}
    {{ return(words) }}
{%- endmacro %}

{% macro number_setting(name, variable, default) -%}
    {{ return(adapter.dispatch('number_setting')(name, variable, default)) }}
{%- endmacro %}

{# Other numbers are plain decimals, 0 or more, with up to 9 digits on either side of the point. #}
{% macro default__number_setting(name, variable, default) -%}
    {%- set number = var(name, env_var(variable, default) or default) | string -%}
    {%- if not modules.re.fullmatch('[0-9]{1,9}([.][0-9]{1,9})?', number) -%}
        {{ exceptions.raise_compiler_error(
            variable ~ " is '" ~ number ~ "': give a number in plain decimals, 0 or more, such as " ~ default
        ) }}
    {%- endif -%}
    cast({{ number }} as decimal(18, 9))
{%- endmacro %}

{# How far a day may be above the median of its weekday, as a modified z-score. #}
{% macro unusual_day_score() -%}
    {{ number_setting('unusual_day_score', 'CREDITS_UNUSUAL_DAY_SCORE', '3.5') }}
{%- endmacro %}

{# How many times that median it must also exceed. #}
{% macro unusual_day_multiple() -%}
    {{ number_setting('unusual_day_multiple', 'CREDITS_UNUSUAL_DAY_MULTIPLE', '3') }}
{%- endmacro %}

{# The credits, and the share of all credits of the day, below which no day is unusual. #}
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
