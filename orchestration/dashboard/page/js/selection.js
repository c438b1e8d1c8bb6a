// The selection: a period, a customer, a user, a kind. The page's address contains it, by id, so that links stay valid.

import { labelOf } from "./dataset.js";
import { dayOf, isDay, isoDay, monthEnd, monthStart, shownRange } from "./dates.js";

const PRESETS_BY_DAY = [
  ["7d", "Last 7 days"],
  ["28d", "Last 28 days"],
  ["90d", "Last 90 days"],
  ["1m", "Month to date"],
  ["lm", "Last month"],
  ["12m", "12 months"],
  ["all", "All"],
];
const PRESETS_BY_MONTH = [
  ["1m", "Latest month"],
  ["lm", "Month before"],
  ["3m", "3 months"],
  ["12m", "12 months"],
  ["all", "All"],
];
export const MEMBERS = ["tenant", "user", "kind"];

export function presets(data) {
  return data.byMonth ? PRESETS_BY_MONTH : PRESETS_BY_DAY;
}

export function presetPeriod(data, preset) {
  const { last } = data;
  const first = data.byMonth ? monthStart(data.first) : data.first;
  if (preset === "all") return { from: first, to: last };
  if (preset === "lm") return { from: monthStart(last, -1), to: monthEnd(last, -1) };
  const size = parseInt(preset, 10);
  return { from: Math.max(first, preset.endsWith("d") ? last - size + 1 : monthStart(last, 1 - size)), to: last };
}

export function defaultSelection(data) {
  const preset = data.byMonth ? "3m" : "28d";
  return { preset, ...presetPeriod(data, preset), tenant: null, user: null, kind: null };
}

// The period of two dates within the days with usage, null if there is none, and notes on differences from the request.
// If figures are by month, periods are too.
export function datedPeriod(data, from, to) {
  const [first, last] = data.byMonth ? [monthStart(data.first), monthEnd(data.last)] : [data.first, data.last];
  if (to < first || from > last)
    return {
      period: null,
      notes: [
        `There is no usage in ${shownRange(from, to)}: this version has usage for ${shownRange(data.first, data.last)}.`,
      ],
    };
  const [start, end] = data.byMonth ? [monthStart(from), monthEnd(to)] : [from, to];
  const period = { from: Math.max(first, start), to: Math.min(data.last, end) };
  return {
    period,
    notes:
      from < first || to > last
        ? [`The period is cut to the days with usage, ${shownRange(period.from, period.to)}.`]
        : [],
  };
}

export function listOf(data, dimension) {
  return { tenant: data.tenants, user: data.users, kind: data.kinds }[dimension];
}

// The selection in an address, and notes on parts that this version does not have. Without an end it goes to the last
// day, and without a beginning it begins with the first day.
export function selectionFrom(data, hash) {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const selection = defaultSelection(data);
  const [unknown, notes] = [[], []];
  const preset = asked.get("period");
  if (preset !== null) {
    if (presets(data).some(([name]) => name === preset))
      Object.assign(selection, { preset, ...presetPeriod(data, preset) });
    else unknown.push("period");
  } else if (asked.has("from") || asked.has("to")) {
    const ends = [asked.get("from") ?? isoDay(data.first), asked.get("to") ?? isoDay(data.last)];
    if (ends.every(isDay)) {
      const [from, to] = ends.map(dayOf);
      if (from > to) notes.push("The address has its dates in the wrong order.");
      const dated = datedPeriod(data, Math.min(from, to), Math.max(from, to));
      if (dated.period) Object.assign(selection, { preset: null, ...dated.period });
      notes.push(...dated.notes);
    } else unknown.push("period");
  }
  for (const dimension of MEMBERS) {
    const id = asked.get(dimension);
    if (id === null) continue;
    const place = listOf(data, dimension).findIndex((member) => member.id === id);
    // A quota may name somebody without any usage: then there is nothing to choose.
    if (place >= 0 && data.cells[dimension].includes(place)) selection[dimension] = place;
    else unknown.push({ tenant: "customer" }[dimension] ?? dimension);
  }
  if (unknown.length) notes.unshift(`The address names a ${unknown.join(" and a ")} that this version does not have.`);
  return { selection, notes };
}

export function addressOf(data, selection) {
  const asked = new URLSearchParams();
  if (selection.preset) asked.set("period", selection.preset);
  else {
    asked.set("from", isoDay(selection.from));
    asked.set("to", isoDay(selection.to));
  }
  for (const dimension of MEMBERS) {
    if (selection[dimension] !== null) asked.set(dimension, listOf(data, dimension)[selection[dimension]].id);
  }
  return `#${asked}`;
}

// A month with figures for only a part of it must not look like a whole month.
function periodInWords(data, { from, to }) {
  const dates = shownRange(from, to);
  if (!data.byMonth || to === monthEnd(to)) return dates;
  return dayOf(data.builtAt.slice(0, 10)) > monthEnd(to)
    ? `${dates}, the last day with usage`
    : `${dates}, month not over`;
}

export function inWords(data, selection) {
  const who = [];
  if (selection.tenant !== null) who.push(labelOf(data.tenants[selection.tenant]));
  if (selection.user !== null) who.push(labelOf(data.users[selection.user]));
  if (selection.kind !== null) who.push(labelOf(data.kinds[selection.kind]));
  return [
    periodInWords(data, selection),
    ...(who.length ? who : [data.tenantOnly ? "all usage" : "all customers"]),
  ].join(" · ");
}
