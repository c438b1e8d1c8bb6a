// Credits over time, stacked by kind, with the period before as a line; and the kinds as a table next to it.

import {
  axisCredits,
  colour,
  draw,
  drop,
  isNarrow,
  isOnPaper,
  swatch,
  tooltip,
  tooltipStyle,
  widthOf,
} from "./charts.js";
import { comparisonOf, totalBefore } from "./comparison.js";
import { OTHERS, labelOf } from "./dataset.js";
import { MONTHS, isPartial, parts, pieces, piecesBefore, shownDay, shownRange, stepOf } from "./dates.js";
import {
  NO_FIGURE,
  exactText,
  forDrawing,
  placesFor,
  plural,
  shownChange,
  shownCredits,
  shownShare,
} from "./decimals.js";
import {
  breakable,
  byId,
  credits,
  csvButton,
  fill,
  fitted,
  make,
  moreButton,
  nothing,
  rowsShown,
  say,
  table,
} from "./elements.js";
import { byDayAndKind, byMember, inPieces, isActive, knowsDays, ranked, sumOf } from "./sums.js";

const KINDS_DRAWN = 5;

export function kindName(data, kind) {
  return kind === OTHERS ? "Other kinds" : labelOf(data.kinds[kind]);
}

export function kindTitle(data, kind) {
  return kind === OTHERS ? null : data.kinds[kind].id;
}

// A kind keeps its colour whatever is selected: the kinds with the most credits have colours, the others are grey.
function kindsWithTint(data) {
  const everything = { from: -Infinity, to: Infinity, tenant: null, user: null, kind: null };
  data.kindsWithTint ??= ranked(data, "kind", byMember(data, "kind", everything))
    .map(([kind]) => kind)
    .filter((kind) => kind !== OTHERS)
    .slice(0, KINDS_DRAWN);
  return data.kindsWithTint;
}

function pieceName(piece) {
  if (piece.step === "day") return shownDay(piece.from);
  return shownRange(piece.from, piece.to);
}

function shortName(piece) {
  const { month, date, year } = parts(piece.from);
  return piece.step === "month" ? `${MONTHS[month]} ${String(year).slice(2)}` : `${date} ${MONTHS[month]}`;
}

export function drawOverTime(data, selection, redraw) {
  const before = comparisonOf(data, selection);
  const isCompared = before.source !== null;
  const kindsThen = isCompared ? byMember(data, "kind", selection, before, before.source) : null;
  const kinds = ranked(data, "kind", byMember(data, "kind", selection), kindsThen);
  const active = kinds.filter(isActive).map(([kind]) => kind);
  const size = stepOf(selection, !knowsDays(data, selection));
  const ranges = pieces(selection, size);
  const now = inPieces(byDayAndKind(data, selection, selection), ranges);
  const then = isCompared ? sumsBefore(data, selection, before, ranges) : null;
  const step = { day: "by day", week: "by 7 days", month: "by month" }[size];
  const sums = now.map((piece) => sumOf(piece.values()));
  const cut = active.length ? cutOff(sums, then ?? []) : null;
  const notes = [
    `${shownRange(selection.from, selection.to)}, ${step}`,
    isCompared ? `line: ${before.dates}` : `no line: ${before.missing}`,
    ranges.some(isPartial) ? `hatched: part of a ${size}` : null,
    cut === null ? null : cutText(sums, then ?? [], cut),
  ];
  say("over-time-note", notes.filter(Boolean).join("; "));
  byId("over-time-figures").hidden = active.length === 0;
  if (active.length === 0) {
    drop("over-time", nothing("No usage in this selection."));
    fill("kinds");
    return;
  }
  const named = kindsWithTint(data);
  const tintOf = (kind) => colour(named.includes(kind) ? `--tint-${named.indexOf(kind) + 1}` : "--tint-rest");
  const drawnKinds = named.filter((kind) => active.includes(kind));
  const rest = active.filter((kind) => !drawnKinds.includes(kind));
  const colours = [...drawnKinds.map(tintOf), colour("--tint-rest")];
  const groups = drawnKinds.map((kind) => ({ name: kindName(data, kind), of: (piece) => piece.get(kind) ?? 0n }));
  if (rest.length)
    groups.push({
      name: rest.length === 1 ? kindName(data, rest[0]) : "Other kinds",
      of: (piece) => sumOf(rest.map((kind) => piece.get(kind) ?? 0n)),
    });
  const lines = (place) => [
    ...groups.map((group, n) => [colours[n], group.name, shownCredits(group.of(now[place]))]).reverse(),
    [null, "Total", shownCredits(sums[place])],
    ...(isCompared
      ? [[colour("--before"), "Period before", then[place] === null ? NO_FIGURE : shownCredits(then[place])]]
      : []),
  ];
  drawKinds(data, kinds, kindsThen, tintOf, redraw);
  const highest = sums.reduce((best, value, place) => (value > sums[best] ? place : best), 0);
  draw(
    "over-time",
    isNarrow() || isOnPaper() ? 230 : Math.min(430, Math.max(300, byId("kinds").offsetHeight - 32)),
    overTimeOption(ranges, groups, colours, now, then, lines, cut),
    [
      `Credits ${step} by kind, ${shownRange(selection.from, selection.to)}.`,
      `Highest: ${shownCredits(sums[highest])} in ${pieceName(ranges[highest])}. The table below has the figures.`,
    ].join(" "),
  );
  const allThen = isCompared ? totalBefore(data, selection, before).credits : null;
  byId("over-time-figures").lastElementChild.replaceChildren(timeTable(ranges, sums, then, allThen));
}

// For each piece the credits of the corresponding piece of the period before; null if there is none.
function sumsBefore(data, selection, before, ranges) {
  const rangesThen = piecesBefore(ranges, before);
  return inPieces(byDayAndKind(data, selection, before), rangesThen).map((piece, n) =>
    rangesThen[n] ? sumOf(piece.values()) : null,
  );
}

// The period before may be longer: its remaining credits have a row of their own.
function timeTable(ranges, sums, then, allThen) {
  const before = (value) => (then === null || value === null ? NO_FIGURE : credits(value));
  const rows = ranges.map((piece, n) => [pieceName(piece), credits(sums[n]), before(then && then[n])]);
  const rest = then === null ? 0n : allThen - sumOf(then.filter((sum) => sum !== null));
  if (rest !== 0n) rows.push(["Rest of the longer period before", NO_FIGURE, credits(rest)]);
  const foot = [["All", credits(sumOf(sums)), before(allThen)]];
  return table("Credits over time", [["Period"], ["Credits", "figure"], ["Period before", "figure"]], rows, foot);
}

function cutText(sums, then, cut) {
  const bars = sums.filter((sum) => sum > cut).length;
  const isCut = [bars ? plural(bars, "bar") : null, then.some((sum) => sum > cut) ? "the line" : null].filter(Boolean);
  return `${isCut.join(" and ")} cut off`;
}

// If a few bars, or points of the line, are far larger than all others, they are cut off and labelled with their
// figure, so that the rest stays legible.
const BAR_ABOVE = 5n;
const LINE_ABOVE = 2n;

function cutOff(sums, then) {
  const [bars, line] = [sums, then].map((values) =>
    values.filter((value) => value !== null).sort((one, other) => (one < other ? 1 : -1)),
  );
  const most = Math.min(Math.max(1, Math.floor(bars.length / 20)), bars.length - 1);
  for (let all = 1; all <= 2 * most; all += 1) {
    for (let ofLine = Math.max(0, all - most); ofLine <= Math.min(all, most); ofLine += 1) {
      const ofBars = all - ofLine;
      const [bar, point] = [bars[ofBars] ?? 0n, line[ofLine] ?? 0n];
      const next = bar > point ? bar : point;
      const tower =
        (ofBars === 0 || bars[ofBars - 1] > next * BAR_ABOVE) && (ofLine === 0 || line[ofLine - 1] > next * LINE_ABOVE);
      if (next > 0n && tower) return (next * 5n) / 4n;
    }
  }
  return null;
}

const LETTER = 6.4; // pixels of a figure's letter in the chart

// The figure of a bar that is cut off, at the top; at the ends it extends inwards.
function towers(now, then, cut) {
  if (cut === null) return [];
  const width = widthOf("over-time") - 60;
  const edge = Math.min(18, (width / now.length) * 0.39);
  const data = [];
  now.forEach((sums, n) => {
    const sum = sumOf(sums.values());
    if (sum <= cut && !(then[n] > cut)) return;
    const text = sum > cut ? `↑ ${shownCredits(sum, 0)}` : `before: ↑ ${shownCredits(then[n], 0)}`;
    const [middle, half] = [((n + 0.5) / now.length) * width, (text.length * LETTER) / 2];
    const align = middle + half > width ? "right" : middle < half ? "left" : "center";
    data.push({
      value: [n, forDrawing(cut)],
      label: {
        show: true,
        position: "top",
        distance: 3,
        align,
        offset: [align === "right" ? edge : align === "left" ? -edge : 0, 0],
        color: colour(sum > cut ? "--ink" : "--muted"),
        fontSize: 11,
        formatter: text,
      },
    });
  });
  return [
    {
      name: "cut off",
      type: "scatter",
      symbolSize: 1,
      clip: false,
      itemStyle: { color: "transparent", opacity: 1 },
      labelLayout: { hideOverlap: true },
      silent: true,
      tooltip: { show: false },
      data,
    },
  ];
}

// A part of a week or month must not look like a fall: its bar is hatched.
function hatched() {
  return { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4, color: colour("--surface") };
}

function overTimeOption(ranges, groups, colours, now, then, lines, cut) {
  const line = { color: colour("--line") };
  const bars = groups.map((group, n) => ({
    name: group.name,
    type: "bar",
    stack: "now",
    barCategoryGap: "22%",
    barMaxWidth: 36,
    itemStyle: { color: colours[n] },
    emphasis: { disabled: true },
    data: now.map((sums, place) => ({
      value: forDrawing(group.of(sums)),
      itemStyle: isPartial(ranges[place]) ? { decal: hatched() } : {},
    })),
  }));
  const before = {
    name: "Period before",
    type: "line",
    symbol: "none",
    emphasis: { disabled: true },
    lineStyle: { color: colour("--before"), width: 1.25, type: [3, 3] },
    // A point far above the drawing is placed just above its edge; the line stays dashed.
    // Next to a part of a week, a point of the line would show a fall or a rise that does not exist.
    data: (then ?? []).map((sum, n) =>
      sum === null || (ranges[n].step === "week" && isPartial(ranges[n]))
        ? null
        : forDrawing(cut !== null && sum > cut * 2n ? cut * 2n : sum),
    ),
  };
  // A border separates the line from the bars that it crosses.
  const rim = {
    ...before,
    name: "rim",
    silent: true,
    tooltip: { show: false },
    lineStyle: { color: colour("--surface"), width: 3, opacity: 0.6 },
  };
  return {
    grid: { left: 8, right: 22, top: cut === null ? 12 : 22, bottom: 8, containLabel: true },
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: colour("--hover") } },
      ...tooltipStyle(),
      formatter: ([first]) => tooltip(pieceName(ranges[first.dataIndex]), lines(first.dataIndex)),
    },
    xAxis: {
      type: "category",
      data: ranges.map(shortName),
      axisTick: { show: false },
      axisLine: { lineStyle: line },
      axisLabel: { color: colour("--muted"), hideOverlap: true, fontSize: 11, margin: 14 },
    },
    yAxis: {
      type: "value",
      max: cut === null ? null : forDrawing(cut),
      splitNumber: 4,
      splitLine: { lineStyle: line },
      axisLabel: { color: colour("--muted"), fontSize: 11, formatter: axisCredits, showMaxLabel: cut === null },
    },
    series: [...bars, rim, before, ...towers(now, then ?? [], cut)],
  };
}

function drawKinds(data, kinds, kindsThen, tintOf, redraw) {
  const all = sumOf(kinds.map(([, sum]) => sum.credits));
  const allThen = kindsThen && sumOf([...kindsThen.values()].map((sum) => sum.credits));
  const places = placesFor(all);
  const before = (kind) => kindsThen && (kindsThen.get(kind)?.credits ?? 0n);
  const size = rowsShown("kinds", isNarrow() ? KINDS_DRAWN : kinds.length);
  const rows = kinds.slice(0, size).map(([kind, sum]) => {
    return [
      make(
        "span",
        { class: "kind" },
        swatch(tintOf(kind)),
        make(
          "bdi",
          { class: "name", title: kindTitle(data, kind), "data-id": kind === OTHERS ? null : data.kinds[kind].id },
          breakable(kindName(data, kind)),
        ),
      ),
      credits(sum.credits, {}, places),
      shownShare(sum.credits, all),
      changeCell(sum.credits, before(kind)),
    ];
  });
  const foot = [
    ...moreKinds(kinds.slice(size), before, all, places),
    ["All kinds", credits(all, { id: "kinds-total" }, places), shownShare(all, all), changeCell(all, allThen)],
  ];
  const built = table(
    "Credits by kind",
    [["Kind"], ["Credits", "figure"], ["Share", "figure"], ["Change", "figure"]],
    rows,
    foot,
  );
  fill(
    "kinds",
    fitted(built, all, places),
    moreButton("kinds", kinds.length, size, kinds.length, redraw),
    csvButton("kinds", "Kinds"),
  );
}

function moreKinds(kinds, before, all, places) {
  if (kinds.length === 0) return [];
  const sum = sumOf(kinds.map(([, { credits: value }]) => value));
  const then = before(kinds[0][0]) === null ? null : sumOf(kinds.map(([kind]) => before(kind)));
  return [
    [`${plural(kinds.length, "more kind")}`, credits(sum, {}, places), shownShare(sum, all), changeCell(sum, then)],
  ];
}

// null means that there is no comparison.
export function changeCell(now, before) {
  if (before === null) return make("span", { class: "muted" }, NO_FIGURE);
  return make(
    "span",
    { class: "muted", title: `${exactText(before)} credits in the period before`, "data-before": exactText(before) },
    shownChange(now, before),
  );
}
