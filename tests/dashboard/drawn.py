"""What a chart drew, and the fifth in which SQL places each day and month of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.dashboard.comparing import Shown
from tests.dashboard.viewing import rows_of

OPTION = """id => {
    const option = echarts.getInstanceByDom(document.getElementById(id)).getOption();
    const plain = tint => {
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.color = tint;
        const colour = getComputedStyle(probe).color;
        probe.remove();
        return colour;
    };
    const points = ({type, data}) => data.map(each => type === 'heatmap' ? [each.value, plain(each.itemStyle.color)]
        : each?.value ?? each);
    return {
        years: option.yAxis?.[0]?.data ?? null,
        series: option.series.map(one => ({
            name: one.name, type: one.type, data: points(one), tint: one.type === 'bar' ? plain(one.itemStyle.color) : null,
        })),
        drawn: [...document.querySelectorAll(`#${id} svg path`)].map(path => ({
            fill: plain(path.getAttribute('fill')), left: path.getBBox().x, height: path.getBBox().height,
            bottom: path.getBBox().y + path.getBBox().height, dashed: path.hasAttribute('stroke-dasharray'), outline: path.getAttribute('d'),
        })),
        legend: [...document.querySelectorAll(`#${id}-legend .step`)].map(step => [
            step.textContent.trim(),
            step.querySelector('.swatch') && getComputedStyle(step.querySelector('.swatch')).backgroundColor,
        ]),
    };
}"""


def chart(shown: Shown, name: str) -> dict[str, Any]:
    """What a chart was given to draw, what it drew, and its legend; colours as the browser says them."""
    return shown.viewed.page.evaluate(OPTION, name)


def fifths(shown: Shown, of: str, first: date, last: date, condition: str) -> dict[str, tuple[int, float]]:
    """The fifth in which a day or month lies: the first figure above a fifth of all of them closes it."""
    rows = rows_of(
        shown.database,
        f"""
        with sums as (
            select {of} as day, sum(credits) as credits from marts.agg_credits_daily
            where reporting_date between ? and ? and {condition} group by 1 having sum(credits) > 0
        ),

        placed as (
            select day, credits, row_number() over (order by credits) - 1 as place, count(*) over () as days from sums
        )

        select day, (
            select min(fifth) from range(1, 6) as fifths(fifth) where fifth = 5 or place <= days * fifth // 5
        ), credits
        from placed order by day
        """,
        first,
        last,
    )
    return {str(day): (fifth, credits) for day, fifth, credits in rows}


def hold_against_legend(
    drawn: dict[str, Any], expected: dict[str, tuple[int, float]], tints_of_days: dict[str, str]
) -> None:
    """Compare the colour of each day with that of its fifth in the legend, and the legend's bounds with SQL."""
    steps = [step for step in drawn["legend"] if step[0].startswith("≤")]
    highest = {fifth: max(value for of, value in expected.values() if of == fifth) for fifth in range(1, 6)}
    assert [text for text, _ in steps] == [f"≤ {highest[fifth]:,.2f}" for fifth in range(1, 6)]
    tints = [tint for _, tint in steps]
    assert len({*tints, drawn["legend"][0][1]}) == 6
    assert tints_of_days == {day: tints[fifth - 1] for day, (fifth, _) in expected.items()}
    fills = [path["fill"] for path in drawn["drawn"]]
    counted = [sum(of == fifth for of, _ in expected.values()) for fifth in range(1, 6)]
    assert [fills.count(tint) for tint in tints] == counted
