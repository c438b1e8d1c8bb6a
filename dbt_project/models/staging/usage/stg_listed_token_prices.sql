{#
    What Corti lists, in credits per million tokens (1 credit is 1 USD of list price): the model, the kind of operation if
    the price is for one kind only, and the prices of input, output and cached input. data/token_prices.csv has the same
    rows with their sources.
#}
{% set prices = [
    ('corti-s1', none, '2', '8', '0.2'),
    ('corti-s1-instant', none, '2', '8', '0.2'),
    ('corti-s1-mini', none, '1', '4', '0.1'),
    ('corti-s1-mini-instant', none, '1', '4', '0.1'),
    ('corti-s1-embedding*', none, '0.03', '0', none),
    ('corti-embedding*', none, '0.03', '0', none),
    ('*', 'agent_task', '4', '16', none),
] %}

{% for model, kind, input_price, output_price, cached_price in prices -%}
select
    '{{ model }}' as model,
    {{ "'" ~ kind ~ "'" if kind else 'cast(null as string)' }} as kind,
    cast({{ input_price }} as decimal(18, 9)) as input_per_million,
    cast({{ output_price }} as decimal(18, 9)) as output_per_million,
    cast({{ cached_price or 'null' }} as decimal(18, 9)) as cached_input_per_million
{{ 'union all' if not loop.last }}
{% endfor %}
