{# Why our sum of credits differs from Corti's. #}

{# The causes, in the order in which they explain a gap. What they all leave is unexplained. #}
{% macro causes_of_gaps() -%}
    {{ return([
        'not captured', 'unreported', 'double', 'derived', 'estimated', 'outside the window', 'unexplained',
    ]) }}
{%- endmacro %}

{# How many seconds from an end of a window an operation may belong to its other side. #}
{% macro edge_seconds() -%}
    {{ return(3600) }}
{%- endmacro %}

{#
    The cause that an operation is evidence of, null for none: each operation is evidence of one at most. What is in our
    sum can explain why it is larger, and what may be missing there why it is smaller; uncertain figures can do both.
#}
{% macro cause_of(operations, gaps, double_charges) -%}
    case
            when {{ operations }}.occurred_at not between {{ gaps }}.window_from and {{ gaps }}.window_to
                then case when {{ gaps }}.gap < 0 then 'outside the window' end
            when {{ operations }}.status = 'unreported' then case when {{ gaps }}.gap < 0 then 'unreported' end
            when {{ gaps }}.gap > 0 and {{ double_charges }}.operation_key is not null then 'double'
            when {{ operations }}.credits_basis = 'derived' then 'derived'
            when {{ operations }}.is_estimate then 'estimated'
            when
                {{ gaps }}.gap > 0
                and (
                    {{ operations }}.occurred_at < {{ seconds_later(gaps ~ '.window_from', edge_seconds()) }}
                    or {{ operations }}.occurred_at > {{ seconds_later(gaps ~ '.window_to', -edge_seconds()) }}
                )
                then 'outside the window'
        end
{%- endmacro %}
