{# Settings of checks: a dbt variable where one is given, else an environment variable, else the default. #}

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
