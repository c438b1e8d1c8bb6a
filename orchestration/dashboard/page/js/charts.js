// Shared by all charts: colours from the style sheet, one drawing per place, and the width of paper while printing.

import { areListsWhole, byId, fill, make } from "./elements.js";

const drawn = new Map();
const PAPER = { "over-time": 350, calendar: 660 }; // pixels of each chart on A4, as in the style sheet

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function draw(id, height, option, described) {
  const place = byId(id);
  place.style.setProperty("height", `${height}px`);
  place.setAttribute("aria-label", described);
  let chart = drawn.get(id);
  if (!chart) {
    place.replaceChildren(); // the words in place of a chart would stay above it
    chart = echarts.init(place, null, { renderer: "svg" });
    drawn.set(id, chart);
  }
  chart.resize(isOnPaper() ? { width: PAPER[id] } : { width: "auto" });
  chart.setOption(
    { animation: false, textStyle: { fontFamily: "inherit", color: colour("--muted") }, ...option },
    { notMerge: true },
  );
}

export function drop(id, ...instead) {
  drawn.get(id)?.dispose();
  drawn.delete(id);
  const place = byId(id);
  place.removeAttribute("aria-label");
  place.style.removeProperty("height");
  fill(place, ...instead);
}

// The content of a tooltip: a heading, then lines with a colour, a name and a figure.
export function tooltip(heading, lines) {
  const line = ([tint, name, figure]) =>
    make(
      "tr",
      {},
      make("td", {}, swatch(tint)),
      make("th", { scope: "row" }, make("bdi", {}, name)),
      make("td", { class: "figure" }, figure),
    );
  return make(
    "div",
    { class: "tip" },
    make("strong", {}, heading),
    make("table", {}, make("tbody", {}, lines.map(line))),
  );
}

export function swatch(tint) {
  const box = make("span", { class: "swatch", "aria-hidden": "true" });
  if (tint) box.style.setProperty("background", tint);
  return box;
}

export function tooltipStyle() {
  return {
    backgroundColor: colour("--surface"),
    borderColor: colour("--line"),
    borderWidth: 1,
    padding: [10, 12],
    textStyle: { color: colour("--ink"), fontSize: 12 },
    extraCssText: "box-shadow: 0 4px 16px rgb(0 0 0 / 12%); border-radius: 8px;",
    confine: true,
  };
}

// Axis labels have few places, and a letter for thousands.
export function axisCredits(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${+(value / 1e6).toFixed(1)}M`;
  if (size >= 1e3) return `${+(value / 1e3).toFixed(1)}k`;
  return String(+value.toPrecision(3));
}

export function isOnPaper() {
  return document.documentElement.hasAttribute("data-paper");
}

// The widths at which the style sheet also changes the layout.
const PHONE = "(max-width: 600px)";
const NO_WIDE_TABLES = "(max-width: 1000px)";

export function isNarrow() {
  return matchMedia(PHONE).matches && !isOnPaper();
}

// How many columns a list has: "wide" has one for each figure, "medium" and "narrow" combine some.
export function breadth() {
  if (areListsWhole()) return "wide";
  if (isNarrow()) return "narrow";
  return isOnPaper() || matchMedia(NO_WIDE_TABLES).matches ? "medium" : "wide";
}

export function widthOf(id) {
  return isOnPaper() ? PAPER[id] : byId(id).clientWidth;
}
