{# What has landed but is not published drives every run; see docs/decisions on touched dates. #}

{#
    The last load that a published version holds, as a subquery; everything later is pending. As a number it would be
    another text in every build, and no build's statements could be used again.
#}
{% macro last_published_load() -%}
    (select coalesce(max(last_load_id), 0) from {{ source('raw', 'publications') }})
{%- endmacro %}

{#
    The table that the build before this one left of a model, or none where it was never built. It is for a look at what
    this model itself, or one that is built after it, held last: a ref would be a cycle, so the graph does not show it.
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

{# dbt asks this before each incremental model. By hand all is made anew: a changed rule has to show in every row. #}
{% macro should_full_refresh() -%}
    {{ return(flags.FULL_REFRESH or target.name == 'dev') }}
{%- endmacro %}

{% macro is_full_build() -%}
    {{ return(should_full_refresh() or fact_so_far() is none) }}
{%- endmacro %}

{#
    Whether a row of the fact lies on one of a relation's reporting dates. A zone is at most a day away from UTC: the
    dates that the fact is laid out by bound the scan.
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

{#
    Incremental strategy: the rows whose key was touched are replaced by those that the model now has for it. A key
    that was touched and has no rows any more loses its old ones, which a strategy that deletes by the new rows' keys
    would leave behind. `meta.touched_by` names the model that lists the touched keys, and `meta.bounded_by` a column of
    both by which the table is laid out, so that the delete reads just the part that can hold them.
#}
{% macro get_incremental_replace_touched_sql(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set source = arg_dict['temp_relation'] -%}
    {%- set key = arg_dict['unique_key'] -%}
    {%- set touched = ref(config.get('meta')['touched_by']) -%}
    {%- set bound = config.get('meta').get('bounded_by') -%}
    delete from {{ target }}
    where {{ key }} in (select {{ key }} from {{ touched }})
    {%- if bound %}
        and {{ bound }} in (select {{ bound }} from {{ touched }})
    {%- endif %};

    insert into {{ target }} by name
    select * from {{ source }}
{%- endmacro %}

{# Incremental strategy: rows of a key that the model has rows of are replaced by these. Keys without news stay. #}
{% macro get_incremental_replace_by_key_sql(arg_dict) -%}
    {%- set key = arg_dict['unique_key'] -%}
    delete from {{ arg_dict['target_relation'] }}
    where {{ key }} in (select {{ key }} from {{ arg_dict['temp_relation'] }});

    insert into {{ arg_dict['target_relation'] }} by name
    select * from {{ arg_dict['temp_relation'] }}
{%- endmacro %}
