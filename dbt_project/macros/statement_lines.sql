{# The columns of a statement line in the order of the mart, without its last column, `period_status`. #}
{% macro statement_line_columns() -%}
    {{ return([
        'line_key', 'line_number', 'month_start', 'tenant_id', 'tenant_name', 'line_type', 'usage_month', 'kind',
        'adjustment_id', 'reason', 'currency', 'rate_status', 'price_per_credit', 'credits', 'operations',
        'estimated_credits', 'read_credits', 'fallback_credits', 'derived_credits', 'exact_amount', 'amount',
        'currency_decimals', 'corrects_line_key',
    ]) }}
{%- endmacro %}

{# The key of a line, made from its statement and what it bills. #}
{% macro line_key() -%}
    {{ key_as_text(narrow_key([
        'cast(statement_month as string)', 'tenant_id', 'line_type', 'cast(usage_month as string)', 'kind',
        'adjustment_id', 'currency', 'cast(price_per_credit as string)',
    ])) }}
{%- endmacro %}

{# Whether two lines, on any statements, bill the same month and kind, or adjustment, of a customer. #}
{% macro are_of_the_same(lines, others) -%}
    {{ lines }}.tenant_id = {{ others }}.tenant_id
            and {{ lines }}.usage_month = {{ others }}.usage_month
            and {{ lines }}.kind is not distinct from {{ others }}.kind
            and {{ lines }}.adjustment_id is not distinct from {{ others }}.adjustment_id
{%- endmacro %}

{#
    The content of a statement for its hash: its lines in order, each value after its length. Derived credits are left
    out, so that the hash of a statement that was closed before lines had them can still be checked.
#}
{% macro statement_hash() -%}
    {%- set texts = [] -%}
    {%- for column in statement_line_columns() if column != 'derived_credits' -%}
        {%- do texts.append('cast(' ~ column ~ ' as string)') -%}
    {%- endfor -%}
    {{ hash_of_rows(texts, 'line_number') }}
{%- endmacro %}
