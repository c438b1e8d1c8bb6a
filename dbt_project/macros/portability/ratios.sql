{# Exact ratios: an engine's own division may use binary fractions. #}

{# The billionths in an amount of at most 9 places, as a whole number. #}
{% macro billionths(amount) -%}
    {{ return(adapter.dispatch('billionths')(amount)) }}
{%- endmacro %}

{% macro default__billionths(amount) -%}
    cast(replace(cast(cast({{ amount }} as decimal(38, 9)) as string), '.', '') as hugeint)
{%- endmacro %}

{% macro spark__billionths(amount) -%}
    cast(cast({{ amount }} as decimal(38, 9)) * cast(1000000000 as decimal(10, 0)) as decimal(38, 0))
{%- endmacro %}

{# How often one whole number goes into another, both decimals without places and not negative. #}
{% macro spark__times_contained(whole, part) -%}
    {#- `div` gives 64 bits only. Without the remainder the quotient is exact, whatever places the engine gives it. -#}
    (({{ whole }}) - ({{ whole }}) % ({{ part }})) / ({{ part }})
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

{# For ratios of less than 10 billion. #}
{% macro spark__exact_ratio(part, whole) -%}
    {%- set doubled -%}
        cast(2000000000 as decimal(10, 0)) * {{ billionths(part) }} + {{ billionths(whole) }}
    {%- endset -%}
    {%- set divisor -%}
        nullif(cast(2 * {{ billionths(whole) }} as decimal(38, 0)), 0)
    {%- endset -%}
    cast(
            cast({{ spark__times_contained('cast(' ~ doubled ~ ' as decimal(38, 0))', divisor) }} as decimal(38, 0))
            * cast(0.000000001 as decimal(9, 9)) as decimal(38, 9)
        )
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

{% macro spark__steps_to_reach(amount, step, most) -%}
    case
        when cast({{ step }} * {{ most }} as decimal(38, 9)) >= {{ amount }} then cast(
            ({{ billionths(amount) }} + {{ billionths(step) }} - 1) div nullif({{ billionths(step) }}, 0) as integer
        )
    end
{%- endmacro %}

{# A ratio of an amount that may be negative, rounded half away from 0. #}
{% macro signed_ratio(part, whole) -%}
    case
            when {{ part }} < 0 then -{{ exact_ratio('-(' ~ part ~ ')', whole) }}
            else {{ exact_ratio(part, whole) }}
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

{% macro spark__exact_median(amounts) -%}
    cast(
            (
                element_at(sort_array(collect_list({{ amounts }})), cast((count(*) + 1) div 2 as int))
                + element_at(sort_array(collect_list({{ amounts }})), cast(count(*) div 2 + 1 as int))
            ) * cast(0.5 as decimal(2, 1)) as decimal(38, 9)
        )
{%- endmacro %}
