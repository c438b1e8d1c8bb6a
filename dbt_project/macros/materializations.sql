{#
    How models become tables and views: in one transaction and one call of the database each. The adapter's own ways ask
    some ten things more of each model (indexes, foreign keys, grants, columns that may have changed), which is most of
    what a small run costs; see docs/decisions on materializations. Hooks are run; grants mean nothing to DuckDB.
#}

{% materialization table, adapter='duckdb' %}
    {{ return(one_step(this.incorporate(type='table'), made_anew(compiled_code))) }}
{% endmaterialization %}

{% materialization incremental, adapter='duckdb' %}
    {%- set sql = touched_replaced(compiled_code) if is_incremental() else made_anew(compiled_code) -%}
    {{ return(one_step(this.incorporate(type='table'), sql)) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {{ return(one_step(target, standing_dropped() ~ create_view_as(target, compiled_code))) }}
{% endmaterialization %}

{% macro one_step(target, sql) -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        {{ sql }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{%- endmacro %}

{# The new table is made beside the one that stands, which its own rows may come from, and takes its name. #}
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

{# Columns are matched by name; that they are the same ones is sure, as another model makes all tables anew. #}
{% macro touched_replaced(select) -%}
    {%- set news = make_temp_relation(this) -%}
    {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy')) -%}
    {{ create_table_as(True, news, select) }};
    {{ strategy({'target_relation': this, 'temp_relation': news, 'unique_key': config.get('unique_key')}) }};
    drop table {{ news }};
{%- endmacro %}

{% macro standing_dropped() -%}
    {%- set standing = load_cached_relation(this) -%}
    {%- if standing %}
    drop {{ standing.type }} {{ standing }};
    {%- endif %}
{%- endmacro %}
