{# Exact ratios: an engine's own division may use binary fractions. #}

{# The billionths in an amount of at most 9 places, as a whole number. #}
{% macro billionths(amount) -%}
    {{ return(adapter.dispatch('billionths')(amount)) }}
{%- endmacro %}

{% macro default__billionths(amount) -%}
    cast(replace(cast(cast({{ amount }} as decimal(38, 9)) as varchar), '.', '') as hugeint)
{%- endmacro %}

{% macro exact_ratio(part, whole) -%}
    {{ return(adapter.dispatch('exact_ratio')(part, whole)) }}
{%- endmacro %}

{# One amount as a share of another, both 0 or more: rounded half up to 9 places, null if the whole is 0. #}
{% macro default__exact_ratio(part, whole) -%}
    cast(cast(
        (2000000000 * {{ billionths(part) }} + {{ billionths(whole) }}) // nullif(2 * {{ billionths(whole) }}, 0)
        as decimal(38, 0)
    ) * cast(0.000000001 as decimal(9, 9)) as decimal(38, 9))
{%- endmacro %}

{% macro steps_to_reach(amount, step, most) -%}
    {{ return(adapter.dispatch('steps_to_reach')(amount, step, most)) }}
{%- endmacro %}

{# The smallest number of whole steps that reach an amount above 0; null if it is more than `most`. #}
{% macro default__steps_to_reach(amount, step, most) -%}
    case
        when cast({{ step }} * {{ most }} as decimal(38, 9)) >= {{ amount }} then cast(
            ({{ billionths(amount) }} + {{ billionths(step) }} - 1) // nullif({{ billionths(step) }}, 0) as integer
        )
    end
{%- endmacro %}

{% macro exact_median(amounts) -%}
    {{ return(adapter.dispatch('exact_median')(amounts)) }}
{%- endmacro %}

{# The exact median of a group's amounts, which must not be null; it may be halfway between two of them. #}
{% macro default__exact_median(amounts) -%}
    cast(
            (
                list_extract(list_sort(list({{ amounts }})), (count(*) + 1) // 2)
                + list_extract(list_sort(list({{ amounts }})), count(*) // 2 + 1)
            ) * cast(0.5 as decimal(2, 1)) as decimal(38, 9)
        )
{%- endmacro %}
