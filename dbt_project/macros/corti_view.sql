{# Kinds of charge that Corti can list. Recordings are listed too, but nothing is charged for them. #}
{% macro listable_kinds() -%}
    {{ return(['transcript', 'document', 'guided_document']) }}
{%- endmacro %}

{# Whether an operation belongs to the account of a listing. An operation without an account matches any. #}
{% macro of_account(operations, listing) -%}
    coalesce({{ operations }}.environment, {{ listing }}.environment) is not distinct from {{ listing }}.environment
            and coalesce({{ operations }}.corti_tenant, {{ listing }}.corti_tenant)
            is not distinct from {{ listing }}.corti_tenant
{%- endmacro %}

{# The same, if the other side may also lack an account, which matches any. #}
{% macro of_account_given(operations, total) -%}
    ({{ total }}.environment is null or coalesce({{ operations }}.environment, {{ total }}.environment) = {{ total }}.environment)
            and ({{ total }}.corti_tenant is null or coalesce({{ operations }}.corti_tenant, {{ total }}.corti_tenant) = {{ total }}.corti_tenant)
{%- endmacro %}

{#
    Whether an operation belongs to a day of the window of one of Corti's totals; both ends belong to the window. `owner`
    is the column by which to join: `user_id`, `tenant_id`, or none for totals of an account. Joining totals by user,
    else by customer, leaves few operations for each.
#}
{% macro in_window(operations, days, owner, window_from, window_to) -%}
    {{ operations }}.usage_date = {{ days }}.date_day
            {% if owner -%}
            and {{ operations }}.{{ owner }} = {{ days }}.{{ owner }}
            {% endif -%}
            {% if owner != 'user_id' -%}
            and {{ days }}.user_id is null
            {% endif -%}
            {% if not owner -%}
            and {{ days }}.tenant_id is null
            {% endif -%}
            and {{ operations }}.occurred_at between {{ days }}.{{ window_from }} and {{ days }}.{{ window_to }}
            and coalesce({{ days }}.tenant_id, {{ operations }}.tenant_id) = {{ operations }}.tenant_id
            and {{ of_account_given(operations, days) }}
{%- endmacro %}

{# The result of comparing two sums, `theirs` and `ours`. #}
{% macro reconciled(theirs, ours) -%}
    case
            when abs({{ ours }} - {{ theirs }}) <= {{ theirs }} * {{ reconciliation_tolerance() }} then 'matched'
            when {{ ours }} > {{ theirs }} then 'over'
            else 'under'
        end
{%- endmacro %}

{#
    The CTEs of what pulls have listed, for an incremental model with one row per `key`: lines that landed since the
    last publish, and the rows that they may change.
#}
{% macro listed_since(listing, key, columns) -%}
listed as (
    select load_id, {{ columns }}
    from {{ listing }}
    {% if is_incremental() -%}
    where load_id > (select coalesce(max(already.load_id), 0) from {{ this }} as already)
    {%- endif %}
),

candidates as (
    select * from listed
    {% if is_incremental() -%}
    union all
    select load_id, {{ columns }}
    from {{ this }}
    where {{ key }} in (select {{ key }} from listed)
    {%- endif %}
)
{%- endmacro %}
