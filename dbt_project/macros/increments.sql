{# Every run is driven by loads that are not published yet; see docs/decisions on touched dates. #}

{#
    The last load that a published version contains, as a subquery; later loads are pending. A number would change the
    text of the statements in every build, and then they could not be used again.
#}
{% macro last_published_load() -%}
    (select coalesce(max(last_load_id), 0) from {{ source('raw', 'publications') }})
{%- endmacro %}

{#
    The table of a model as the build before this one left it, or none if it was never built. A model uses this to read
    its own last state, or that of a model that is built later. A ref would be a cycle, so the graph does not show it.
#}
{% macro last_state_of(model_name) -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] -%}
        {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{% macro fact_so_far() -%}
    {{ return(last_state_of('fct_credit_usage')) }}
{%- endmacro %}

{#
    dbt calls this for each incremental model. Builds by hand make everything: a changed rule must show in every row.
    A model with `meta.made_whole_daily` is made whole in each whole check: no check compares all of its columns, so
    damage in it must not outlive the day.
#}
{% macro should_full_refresh() -%}
    {#- The linter's `config` has no `get`. -#}
    {%- set meta = (config.get('meta') if config.get is defined) or {} -%}
    {%- set is_made_whole = meta.get('made_whole_daily', false) and are_whole_checks_asked() -%}
    {{ return(flags.FULL_REFRESH or target.name == 'dev' or is_made_whole) }}
{%- endmacro %}

{% macro is_full_build() -%}
    {{ return(should_full_refresh() or fact_so_far() is none) }}
{%- endmacro %}

{#
    Whether a row of the fact is on one of a relation's reporting dates. A time zone is at most a day away from UTC, so
    the dates by which the fact is sorted limit the scan.
#}
{% macro lies_on_dates_of(relation) -%}
    usage_date in (
            select {{ days_later('reporting_date', -1) }} from {{ relation }}
            union
            select reporting_date from {{ relation }}
            union
            select {{ days_later('reporting_date', 1) }} from {{ relation }}
        )
        and reporting_date in (select reporting_date from {{ relation }})
{%- endmacro %}

{# Whether a date is in one of a relation's months, as a list of days, by which the engine skips parts of a table. #}
{% macro lies_in_months_of(date, relation, month) -%}
    {{ date }} in (
            select days.date_day
            from (select distinct {{ month }} from {{ relation }}) as months
            cross join lateral (
                {{ every_day('months.' ~ month, days_later(months_later('months.' ~ month, 1), -1)) }}
            ) as days
        )
{%- endmacro %}

{#
    Checked in a full build too: otherwise a first run would pass, and every later one fail. A list as a key would
    compare lists of names instead of columns, and delete every row.
#}
{% macro refuse_unfit_increments() -%}
    {%- set strategy = config.get('incremental_strategy') -%}
    {%- if strategy not in ('replace_touched', 'replace_by_key') -%}
        {{ exceptions.raise_compiler_error(
            "incremental_strategy is " ~ strategy ~ ": say 'replace_touched' or 'replace_by_key'"
        ) }}
    {%- elif config.get('unique_key') is not string -%}
        {{ exceptions.raise_compiler_error("unique_key is " ~ config.get('unique_key') ~ ": name one column") }}
    {%- elif strategy == 'replace_touched' and 'touched_by' not in config.get('meta', {}) -%}
        {{ exceptions.raise_compiler_error("meta has no touched_by: name the model that lists the touched keys") }}
    {%- endif -%}
{%- endmacro %}
