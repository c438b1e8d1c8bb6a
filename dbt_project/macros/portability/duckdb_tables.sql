{#
    How DuckDB makes tables and views from models, each in one transaction and one call of the database. The adapter's own
    materializations run about ten more queries for each model (indexes, foreign keys, grants, changed columns). They are
    most of the cost of a small run; see docs/decisions on materializations. Indexes are not made, and DuckDB has no
    grants.
#}

{% materialization table, adapter='duckdb' %}
    {{ return(one_step(this.incorporate(type='table'), made_anew)) }}
{% endmaterialization %}

{% materialization incremental, adapter='duckdb' %}
    {%- do refuse_unfit_increments() -%}
    {{ return(one_step(this.incorporate(type='table'), touched_replaced if is_incremental() else made_anew)) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(one_step(this.incorporate(type='view'), view_made_anew)) }}
{% endmaterialization %}

{# `way` is the macro that renders the SQL. It may query the database, so it is called after the hooks. #}
{% macro one_step(target, way) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- do add_dimension_columns() -%}
    {%- set sql = way(compiled_code) -%}
    {%- call statement('main') -%}
        {{ sql }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmacro %}

{# The new table is made under another name, since its rows may come from the old table, which it then replaces. #}
{% macro made_anew(select) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set making = make_intermediate_relation(target) -%}
    {{ create_table_as(False, making, select) }};
    {{ standing_dropped() }}
    alter table {{ making }} rename to {{ adapter.quote(target.identifier) }};
    {%- if config.persist_column_docs() %}
    comment on table {{ target }} is {{ duckdb_escape_comment(model.description) }};
    {%- for column in model.columns.values() %}
    comment on column {{ target }}.{{ adapter.quote(column.name) }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
    {%- endif %}
{%- endmacro %}

{% macro view_made_anew(select) -%}
    {{ standing_dropped() }}
    {{ create_view_as(this.incorporate(type='view'), select) }}
{%- endmacro %}

{# Columns are matched by name. They are the same, since changed models rebuild all tables. #}
{% macro touched_replaced(select) -%}
    {%- set news = make_temp_relation(this) -%}
    {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy')) -%}
    {{ create_table_as(True, news, select) }};
    {{ strategy({'target_relation': this, 'temp_relation': news, 'unique_key': config.get('unique_key')}) }};
    drop table {{ news }};
{%- endmacro %}

{% macro standing_dropped() -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- if existing_relation %}
    drop {{ existing_relation.type }} if exists {{ existing_relation }};
    {%- endif %}
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
