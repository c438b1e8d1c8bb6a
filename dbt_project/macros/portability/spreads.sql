{# How far sums of many weeks scatter: a square root, in binary fractions, which all engines compute alike. #}

{#
    How far the use of some weeks may lie from what is expected: that many standard errors. The variance of a week comes
    from the exact sums of past weeks. Added up over the weeks ahead are the variance of each week, that of the average
    itself, and a drift of the level.
#}
{% macro margin_of_use(credits, of_week, weeks, sum_of_weeks, sum_of_squares, errors, drift) -%}
    {%- set ahead = '(cast(' ~ credits ~ ' as double) / cast(' ~ of_week ~ ' as double))' -%}
    {%- set past = 'cast(' ~ weeks ~ ' as double)' -%}
    {%- set variance -%}
        greatest(
                    (cast({{ sum_of_squares }} as double) - cast({{ sum_of_weeks }} as double) * cast({{ sum_of_weeks }} as double) / {{ past }})
                    / ({{ past }} - 1), 0
                )
    {%- endset -%}
    cast({{ errors }} as double) * sqrt(
                {{ variance }} * {{ ahead }} * (1 + {{ ahead }} / {{ past }})
                + cast({{ drift }} as double) * cast({{ drift }} as double)
                * cast({{ of_week }} as double) * cast({{ of_week }} as double)
                * {{ ahead }} * {{ ahead }} * {{ ahead }}
            )
{%- endmacro %}

{# How many whole weeks some days are. #}
{% macro whole_weeks(days) -%}
    {{ return(adapter.dispatch('whole_weeks')(days)) }}
{%- endmacro %}

{% macro default__whole_weeks(days) -%}
    (({{ days }}) // 7)
{%- endmacro %}

{% macro spark__whole_weeks(days) -%}
    (({{ days }}) div 7)
{%- endmacro %}
