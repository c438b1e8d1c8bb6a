// The heat map: one square a day, coloured by fifths of the days with usage, so that a large day does not hide others.

import { colour, draw, drop, isNarrow, swatch, tooltip, tooltipStyle, widthOf } from "./charts.js";
import {
  MONTHS,
  WEEKDAYS,
  dayOf,
  isoDay,
  monthEnd,
  monthStart,
  monthsBetween,
  parts,
  shownDay,
  shownMonth,
  shownRange,
  weekday,
} from "./dates.js";
import { forDrawing, shownCount, shownCredits } from "./decimals.js";
import { fill, make, nothing, say } from "./elements.js";
import { byDayAndKind, knowsDays, sumOf } from "./sums.js";

const LEVELS = 5;
const MOST_MONTHS = 120;

function levelsOf(values) {
  const sorted = values.filter((value) => value > 0n).sort((one, other) => (one < other ? -1 : one > other ? 1 : 0));
  const at = (n) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * (n + 1)) / LEVELS))];
  return sorted.length
    ? [...new Set(Array.from({ length: LEVELS }, (_, n) => (n === LEVELS - 1 ? sorted.at(-1) : at(n))))]
    : [];
}

export function drawCalendar(data, selection) {
  const narrow = isNarrow();
  const block = narrow ? 6 : 12;
  const months = Math.min(
    MOST_MONTHS,
    Math.ceil(Math.max(block, monthsBetween(selection.from, selection.to) + 1) / block) * block,
  );
  // Rows are full, except for the last one: it begins with the first month with usage.
  const range = {
    from: Math.min(Math.max(monthStart(selection.to, 1 - months), monthStart(data.first)), monthStart(selection.to)),
    to: monthEnd(selection.to),
  };
  const byMonth = !knowsDays(data, selection);
  const days = new Map([...byDayAndKind(data, selection, range)].map(([day, kinds]) => [day, sumOf(kinds.values())]));
  say("calendar-title", byMonth ? "Month by month" : "Day by day");
  const inside = [...days].filter(([day]) => day >= selection.from && day <= selection.to);
  if (days.size === 0) {
    say("calendar-note", "");
    fill("calendar-legend");
    drop("calendar", nothing("No usage in this selection."));
    return;
  }
  const levels = levelsOf([...days.values()]);
  const level = (value) => levels.findIndex((limit) => value <= limit) + 1 + LEVELS - levels.length;
  const within = (day) => day >= selection.from && day <= selection.to;
  const tintOf = (day, value) => colour(value > 0n ? `--${within(day) ? "heat" : "out"}-${level(value)}` : "--empty");
  const unit = byMonth ? "months" : "days";
  const whole = byMonth ? monthsBetween(selection.from, selection.to) + 1 : selection.to - selection.from + 1;
  const highest = inside.reduce((best, day) => (best === null || day[1] > best[1] ? day : best), null);
  const used = inside.filter(([, value]) => value > 0n).length;
  const note = highest
    ? `${shownCount(used)} of ${shownCount(whole)} ${unit} with credits; highest: ${byMonth ? shownMonth(highest[0]) : shownDay(highest[0])}, ${shownCredits(highest[1])}`
    : `No usage within ${shownRange(selection.from, selection.to)}`;
  say("calendar-note", range.from > selection.from ? `${note}; drawn from ${shownMonth(range.from)}` : note);
  const described = `Heat map of credits by ${byMonth ? "month" : "day"}, ${shownRange(range.from, range.to)}. ${note}.`;
  if (byMonth) drawMonths(range, days, tintOf, described);
  else drawDays(range, block, days, tintOf, described, narrow);
  drawLegend(levels, days.size > inside.length ? unit : null);
}

function drawDays(range, block, days, tintOf, described, narrow) {
  const blocks = Math.ceil((monthsBetween(range.from, range.to) + 1) / block);
  const width = widthOf("calendar") - 44;
  const weeks = block === 12 ? 54 : 28;
  const cell = Math.max(8, Math.min(20, Math.floor(width / weeks)));
  const height = cell * 7 + 44;
  const calendars = [];
  const series = [];
  for (let n = 0; n < blocks; n += 1) {
    const from = Math.max(range.from, monthStart(range.to, 1 - (n + 1) * block));
    const to = Math.min(range.to, monthEnd(range.to, -n * block));
    calendars.push({
      range: [isoDay(from), isoDay(to)],
      top: n * height + 24, // the latest months first
      left: 36,
      cellSize: [cell, cell],
      splitLine: { show: false },
      itemStyle: { color: colour("--empty"), borderColor: colour("--surface"), borderWidth: 2 },
      dayLabel: {
        firstDay: 1,
        nameMap: narrow ? ["S", "M", "T", "W", "T", "F", "S"] : ["", "Mon", "", "Wed", "", "Fri", ""],
        color: colour("--muted"),
        fontSize: 10,
        margin: 8,
      },
      monthLabel: { nameMap: MONTHS, color: colour("--muted"), fontSize: 11, align: "left" },
      yearLabel: { show: false },
    });
    const points = [];
    for (let day = from; day <= to; day += 1) {
      const value = days.get(day);
      if (value === undefined) continue;
      points.push({
        value: [isoDay(day), forDrawing(value)],
        itemStyle: { color: tintOf(day, value), borderColor: colour("--surface"), borderWidth: 2 },
      });
    }
    series.push({
      type: "heatmap",
      coordinateSystem: "calendar",
      calendarIndex: n,
      data: points,
      emphasis: { disabled: true },
    });
  }
  const tooltipOf = ({ value }) => {
    const day = dayOf(value[0]);
    return tooltip(`${WEEKDAYS[weekday(day)]}, ${shownDay(day)}`, [[null, "Credits", shownCredits(days.get(day))]]);
  };
  draw(
    "calendar",
    blocks * height,
    {
      tooltip: { ...tooltipStyle(), formatter: tooltipOf },
      visualMap: { show: false, min: 0, max: 1, seriesIndex: [] },
      calendar: calendars,
      series,
    },
    described,
  );
}

function drawMonths(range, days, tintOf, described) {
  const years = [];
  for (let { year } = parts(range.to); year >= parts(range.from).year; year -= 1) years.push(String(year));
  const points = [...days].map(([day, value]) => {
    const { year, month } = parts(day);
    return {
      value: [month, years.indexOf(String(year)), forDrawing(value)],
      day,
      itemStyle: { color: tintOf(day, value), borderColor: colour("--surface"), borderWidth: 2 },
    };
  });
  const axis = {
    type: "category",
    splitArea: { show: false },
    axisTick: { show: false },
    axisLine: { show: false },
    axisLabel: { color: colour("--muted"), fontSize: 11 },
  };
  const option = {
    grid: { left: 8, right: 8, top: 4, bottom: 4, containLabel: true },
    tooltip: {
      ...tooltipStyle(),
      formatter: ({ data: point }) =>
        tooltip(shownMonth(point.day), [[null, "Credits", shownCredits(days.get(point.day))]]),
    },
    xAxis: { ...axis, data: isNarrow() ? MONTHS.map((name) => name[0]) : MONTHS },
    yAxis: { ...axis, data: years, inverse: true },
    visualMap: { show: false, min: 0, max: 1, seriesIndex: [] },
    series: [{ type: "heatmap", data: points, emphasis: { disabled: true } }],
  };
  draw("calendar", years.length * 36 + 40, option, described);
}

// `outside`: what is outside the period: "days", "months" or nothing.
function drawLegend(levels, outside) {
  const step = (level, n) =>
    make(
      "span",
      { class: "step" },
      swatch(colour(`--heat-${n + 1 + LEVELS - levels.length}`)),
      `≤ ${shownCredits(level)}`,
    );
  fill(
    "calendar-legend",
    make("span", { class: "step" }, swatch(colour("--empty")), "none"),
    ...levels.map(step),
    outside
      ? make(
          "span",
          { class: "step" },
          [2, 4].map((n) => swatch(colour(`--out-${n}`))),
          `${outside} outside the period`,
        )
      : null,
  );
}
