// Credits over time, stacked by kind, with the same period before as a line; and the kinds as a table beside it.

const KINDS_DRAWN = 5;

function kindName(data, kind) {
  return kind === OTHERS ? "other kinds" : data.kinds[kind].id;
}

function pieceName(piece) {
  if (piece.step === "day") return shownDay(piece.from);
  return shownRange(piece.from, piece.to);
}

function shortName(piece) {
  const { month, date, year } = parts(piece.from);
  return piece.step === "month" ? `${MONTHS[month]} ${String(year).slice(2)}` : `${date} ${MONTHS[month]}`;
}

function drawOverTime(data, selection) {
  const before = comparisonOf(data, selection);
  const told = before.source !== null;
  const kindsThen = told ? byMember(data, "kind", selection, before, before.source) : null;
  const kinds = ranked(data, "kind", byMember(data, "kind", selection), kindsThen);
  const active = kinds.filter(isActive);
  const size = stepOf(selection, !knowsDays(data, selection));
  const ranges = pieces(selection, size);
  const now = inPieces(byDayAndKind(data, selection, selection), ranges);
  const then = told ? inPieces(byDayAndKind(data, selection, before), pieces(before, size)).map((each) => sumOf(each.values())) : null;
  const step = { day: "by day", week: "by 7 days", month: "by month" }[size];
  say("over-time-note", `${shownRange(selection.from, selection.to)}, ${step}; ${told ? `line: ${before.dates}` : `no line: ${before.untold}`}`);
  byId("over-time-figures").hidden = active.length === 0;
  if (active.length === 0) {
    drop("over-time", nothing("No usage in this selection."));
    fill("kinds");
    return;
  }
  const drawnKinds = active.filter(([kind]) => kind !== OTHERS).slice(0, KINDS_DRAWN).map(([kind]) => kind);
  const rest = active.length > drawnKinds.length;
  const colours = [...tints(KINDS_DRAWN).slice(0, drawnKinds.length), colour("--tint-rest")];
  const groups = drawnKinds.map((kind) => ({ name: kindName(data, kind), of: (sums) => sums.get(kind) ?? 0n }));
  if (rest) groups.push({ name: "other kinds", of: (sums) => sumOf([...sums].filter(([kind]) => !drawnKinds.includes(kind)).map(([, value]) => value)) });
  const lines = (place) => [
    ...groups.map((group, n) => [colours[n], group.name, shownCredits(group.of(now[place]))]).reverse(),
    [null, "Total", shownCredits(sumOf(now[place].values()))],
    ...(told ? [[colour("--before"), "Period before", shownCredits(then[place] ?? 0n)]] : []),
  ];
  drawKinds(data, kinds, kindsThen, (kind) => colours[drawnKinds.includes(kind) ? drawnKinds.indexOf(kind) : drawnKinds.length]);
  const sums = now.map((each) => sumOf(each.values()));
  const highest = sums.reduce((best, value, place) => (value > sums[best] ? place : best), 0);
  const cut = cutOff(sums, then ?? []);
  if (cut !== null) say("over-time-note", `${byId("over-time-note").textContent}; ${plural(sums.filter((sum) => sum > cut).length, "bar")} cut off`);
  draw("over-time", isNarrow() || isOnPaper() ? 230 : Math.min(430, Math.max(300, byId("kinds").offsetHeight - 32)), overTimeOption(ranges, groups, colours, now, then, lines, cut), [
    `Credits ${step} by kind, ${shownRange(selection.from, selection.to)}.`,
    `Highest: ${shownCredits(sums[highest])} in ${pieceName(ranges[highest])}. The figures stand in the table below.`,
  ].join(" "));
  byId("over-time-figures").lastElementChild.replaceChildren(timeTable(ranges, sums, then));
}

// The period before may be the longer one: what it has beyond the last row stands in a row of its own.
function timeTable(ranges, sums, then) {
  const before = (value) => (then === null ? NO_FIGURE : credits(value()));
  const rows = ranges.map((piece, n) => [pieceName(piece), credits(sums[n]), before(() => then[n] ?? 0n)]);
  const beyond = sumOf((then ?? []).slice(ranges.length));
  if (beyond !== 0n) rows.push(["Rest of the longer period before", NO_FIGURE, credits(beyond)]);
  const foot = [["All", credits(sumOf(sums)), before(() => sumOf(then))]];
  return table("Credits over time", [["Period"], ["Credits", "figure"], ["Period before", "figure"]], rows, foot);
}

// Where few bars tower over all others they are cut off, and say their figure: the rest stays legible.
const TOWERS_ABOVE = 5n;

function cutOff(sums, then) {
  const sorted = [...sums].sort((one, other) => (one < other ? 1 : -1));
  const most = Math.max(1, Math.floor(sorted.length / 20));
  for (let towers = 1; towers <= Math.min(most, sorted.length - 1); towers += 1) {
    const next = [sorted[towers], ...then].reduce((best, value) => (value > best && value < sorted[towers - 1] ? value : best), 0n);
    if (next > 0n && sorted[towers - 1] > next * TOWERS_ABOVE) return (next * 5n) / 4n;
  }
  return null;
}

function towers(now, cut) {
  if (cut === null) return [];
  const label = { show: true, position: "top", distance: 3, color: colour("--ink"), fontSize: 11 };
  const data = now
    .map((sums, n) => [n, sumOf(sums.values())])
    .filter(([, sum]) => sum > cut)
    .map(([n, sum]) => ({ value: [n, forDrawing(cut)], label: { ...label, formatter: `↑ ${shownCredits(sum, 0)}` } }));
  return [{ name: "cut off", type: "scatter", symbolSize: 1, clip: false, itemStyle: { color: "transparent", opacity: 1 }, silent: true, tooltip: { show: false }, data }];
}

function overTimeOption(ranges, groups, colours, now, then, lines, cut) {
  const line = { color: colour("--line") };
  const bars = groups.map((group, n) => ({
    name: group.name,
    type: "bar",
    stack: "now",
    barCategoryGap: "22%",
    barMaxWidth: 36,
    itemStyle: { color: colours[n], borderColor: colour("--surface"), borderWidth: ranges.length > 40 ? 0 : 0.5 },
    emphasis: { disabled: true },
    data: now.map((sums) => forDrawing(group.of(sums))),
  }));
  const before = {
    name: "Period before",
    type: "line",
    symbol: "none",
    emphasis: { disabled: true },
    lineStyle: { color: colour("--before"), width: 1.5, type: [4, 3] },
    data: then === null ? [] : ranges.map((_, n) => forDrawing(then[n] ?? 0n)),
  };
  return {
    grid: { left: 8, right: 8, top: cut === null ? 12 : 22, bottom: 4, containLabel: true },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: colour("--hover") } }, ...tooltipStyle(), formatter: ([first]) => tooltip(pieceName(ranges[first.dataIndex]), lines(first.dataIndex)) },
    xAxis: { type: "category", data: ranges.map(shortName), axisTick: { show: false }, axisLine: { lineStyle: line }, axisLabel: { color: colour("--muted"), hideOverlap: true, fontSize: 11, margin: 14 } },
    yAxis: { type: "value", max: cut === null ? null : forDrawing(cut), splitNumber: 4, splitLine: { lineStyle: line }, axisLabel: { color: colour("--muted"), fontSize: 11, formatter: axisCredits, showMaxLabel: cut === null } },
    series: [...bars, before, ...towers(now, cut)],
  };
}

function drawKinds(data, kinds, kindsThen, tintOf) {
  const all = sumOf(kinds.map(([, sum]) => sum.credits));
  const allThen = kindsThen && sumOf([...kindsThen.values()].map((sum) => sum.credits));
  const places = placesFor(all);
  const rows = kinds.map(([kind, sum]) => {
    const then = kindsThen && (kindsThen.get(kind)?.credits ?? 0n);
    return [
      make("span", { class: "kind" }, swatch(tintOf(kind)), make("bdi", { class: "name", title: kindName(data, kind) }, kindName(data, kind))),
      credits(sum.credits, {}, places),
      shownShare(sum.credits, all),
      changeCell(sum.credits, then),
    ];
  });
  const foot = [["All kinds", credits(all, { id: "kinds-total" }, places), shownShare(all, all), changeCell(all, allThen)]];
  const built = table("Credits by kind", [["Kind"], ["Credits", "figure"], ["Share", "figure"], ["Change", "figure"]], rows, foot);
  fill("kinds", fitted(built, all, places));
}

// Nothing is compared with null.
function changeCell(now, before) {
  if (before === null) return make("span", { class: "muted" }, NO_FIGURE);
  return make("span", { class: "muted", title: `${exactText(before)} credits in the period before`, "data-before": exactText(before) }, shownChange(now, before));
}
