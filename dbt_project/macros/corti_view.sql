{# Kinds of charge of which Corti has lists. A recording is listed too, and nothing is charged for it. #}
{% macro listable_kinds() -%}
    {{ return(['transcript', 'document', 'guided_document']) }}
{%- endmacro %}

{# Whether an operation is of the account of a listing. One that names no account may be of any. #}
{% macro of_account(operations, listing) -%}
    coalesce({{ operations }}.environment, {{ listing }}.environment) is not distinct from {{ listing }}.environment
            and coalesce({{ operations }}.corti_tenant, {{ listing }}.corti_tenant)
            is not distinct from {{ listing }}.corti_tenant
{%- endmacro %}

{# The same, where the other side may leave an account open, which is any. #}
{% macro of_account_given(operations, total) -%}
    ({{ total }}.environment is null or coalesce({{ operations }}.environment, {{ total }}.environment) = {{ total }}.environment)
            and ({{ total }}.corti_tenant is null or coalesce({{ operations }}.corti_tenant, {{ total }}.corti_tenant) = {{ total }}.corti_tenant)
{%- endmacro %}

{# What two sums come to beside each other, `theirs` and `ours`. #}
{% macro reconciled(theirs, ours) -%}
    case
            when abs({{ ours }} - {{ theirs }}) <= {{ theirs }} * {{ reconciliation_tolerance() }} then 'matched'
            when {{ ours }} > {{ theirs }} then 'over'
            else 'under'
        end
{%- endmacro %}

{#
    The named steps of what pulls have listed, for an incremental model with one row per `key`: lines that landed since,
    and beside them the rows that they may change.
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
