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
    Incremental strategy: replaces the rows of touched keys with the model's current rows. If a touched key has no rows
    any more, its old rows are deleted; a strategy that deletes by the new rows' keys would keep them.
    `meta.touched_by` names the model that lists the touched keys, and `meta.touched_key` its column if that has another
    name. `meta.bounded_by` names a column of both by which the table is sorted, so that the delete reads only the part
    that can contain them.
#}
{% macro get_incremental_replace_touched_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set source = arg_dict['temp_relation'] -%}
    {%- set key = arg_dict['unique_key'] -%}
    {%- set touched = ref(config.get('meta')['touched_by']) -%}
    {%- set bound = config.get('meta').get('bounded_by') -%}
    delete from {{ target }}
    where {{ key }} in (select {{ config.get('meta').get('touched_key', key) }} from {{ touched }})
    {%- if bound %}
        and {{ bound }} in (select {{ bound }} from {{ touched }})
    {%- endif %};

    insert into {{ target }} by name
    select * from {{ source }}
{%- endmacro %}

{# Incremental strategy: replaces the rows of the keys that the new rows have. Other keys stay. #}
{% macro get_incremental_replace_by_key_sql(arg_dict) -%}
    {%- set key = arg_dict['unique_key'] -%}
    delete from {{ arg_dict['target_relation'] }}
    where {{ key }} in (select {{ key }} from {{ arg_dict['temp_relation'] }});

    insert into {{ arg_dict['target_relation'] }} by name
    select * from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
