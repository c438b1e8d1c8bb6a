// Credits and amounts by the values of a chosen cost dimension. "(none)" is a value, so that each dimension adds up to
// all usage.

import { breadth } from "./charts.js";
import { comparisonOf, tellsMembers } from "./comparison.js";
import { OTHERS } from "./dataset.js";
import { NO_FIGURE, placesFor, plural, shownAmount, shownShare } from "./decimals.js";
import { byId, credits, fill, fitted, make, moreButton, nothing, rowsShown, say, table } from "./elements.js";
import { changeCell } from "./over_time.js";
import { MORE_RANKS } from "./ranking.js";
import { chosenRows, sumOf } from "./sums.js";

const FIRST_VALUES = 8;
const NO_VALUE = "(none)";
let chosenKey = null;

export function drawDimensions(data, selection, redraw) {
  const { dimensions, words } = data;
  byId("dimensions-card").hidden = dimensions.rows === 0 && data.dimensionsFit;
  const keys = [...new Set(dimensions.dimension)].sort((one, other) => (words[one] < words[other] ? -1 : 1));
  if (!keys.includes(chosenKey)) chosenKey = keys[0] ?? null;
  const lost = [
    selection.tenant !== null && dimensions.rows > 0 && !dimensions.tenant ? "customer" : null,
    selection.user !== null ? "user" : null,
    selection.kind !== null ? "kind" : null,
  ].filter(Boolean);
  say("dimensions-note", "");
  if (dimensions.rows === 0 || lost.length) {
    const why = data.dimensionsFit
      ? `Dimensions are not kept by ${lost.join(" and ")}: choose all of them.`
      : `This version has too many values${data.tenantOnly ? "" : ": agg_cost_by_dimension has them all"}.`;
    fill("dimensions", nothing(why));
    return;
  }
  const compared = comparisonOf(data, selection);
  const now = byValue(data, selection);
  const then = tellsMembers(data, compared) ? byValue(data, selection, compared) : null;
  const label = (value) => (value === OTHERS ? "Other values" : words[value]);
  for (const value of then?.keys() ?? []) if (!now.has(value)) now.set(value, { credits: 0n, amounts: new Map() });
  const list = [...now].sort(([one, { credits: first }], [other, { credits: second }]) =>
    first !== second ? (first < second ? 1 : -1) : label(one) < label(other) ? -1 : 1,
  );
  say("dimensions-note", plural(list.length, "value"));
  const all = sumOf(list.map(([, sum]) => sum.credits));
  const places = placesFor(all);
  const size = rowsShown("dimensions", FIRST_VALUES);
  const before = (values) => then && sumOf(values.map(([value]) => then.get(value)?.credits ?? 0n));
  const isWide = breadth() !== "narrow";
  const cells = (name, values) => {
    const sum = sumOf(values.map(([, { credits: value }]) => value));
    return [
      name,
      ...(isWide ? [amountsCell(values.map(([, { amounts }]) => amounts))] : []),
      credits(sum, {}, places),
      shownShare(sum, all),
      ...(isWide ? [changeCell(sum, before(values))] : []),
    ];
  };
  const name = (value) =>
    make("bdi", { class: label(value) === NO_VALUE || value === OTHERS ? "name special" : "name" }, label(value));
  const hidden = list.slice(size);
  const built = table(
    "Credits by dimension",
    [
      ["Value", "grow"],
      ...(isWide ? [["Cost at the agreed price", "figure"]] : []),
      ["Credits", "figure"],
      ["Share", "figure"],
      ...(isWide ? [["Change", "figure"]] : []),
    ],
    list.slice(0, size).map((one) => cells(name(one[0]), [one])),
    [...(hidden.length ? [cells(plural(hidden.length, "more value"), hidden)] : []), cells("All values", list)],
  );
  built.classList.add("dimensions");
  fill(
    "dimensions",
    keyPicker(
      keys.map((key) => [key, words[key]]),
      redraw,
    ),
    fitted(built, all, places),
    moreButton("dimensions", list.length, size, MORE_RANKS, redraw),
  );
}

function byValue(data, selection, period = selection) {
  const { dimensions } = data;
  const sums = new Map();
  for (const row of chosenRows(data, dimensions, selection, period)) {
    if (dimensions.dimension[row] !== chosenKey) continue;
    const value = dimensions.value[row];
    const sum = sums.get(value) ?? { credits: 0n, amounts: new Map() };
    sum.credits += dimensions.credits[row];
    const currency = data.words[dimensions.currency[row]];
    if (currency !== "(unrated)") sum.amounts.set(currency, (sum.amounts.get(currency) ?? 0n) + dimensions.amount[row]);
    sums.set(value, sum);
  }
  return sums;
}

function amountsCell(maps) {
  const sums = new Map();
  for (const map of maps) for (const [currency, amount] of map) sums.set(currency, (sums.get(currency) ?? 0n) + amount);
  const texts = [...sums].sort().map(([currency, amount]) => `${shownAmount(amount, currency)} ${currency}`);
  return texts.length ? texts.join(", ") : NO_FIGURE;
}

function inWords(key) {
  return key[0].toUpperCase() + key.slice(1).replaceAll("_", " ");
}

function keyPicker(keys, redraw) {
  const option = ([key, text]) => {
    const element = make("option", { value: key }, inWords(text));
    element.selected = key === chosenKey;
    return element;
  };
  const picked = (event) => {
    chosenKey = Number(event.target.value);
    redraw();
    byId("dimension").focus();
  };
  return make(
    "p",
    { class: "fields" },
    make(
      "label",
      {},
      make("span", {}, "Dimension"),
      make("select", { id: "dimension", onchange: picked }, keys.map(option)),
    ),
  );
}
