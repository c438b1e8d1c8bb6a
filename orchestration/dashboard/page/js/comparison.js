// The period before and its columns; none if it begins before the first day with usage, or if figures by month would
// have to be cut.

import { monthEnd, periodBefore, shownDay, shownRange } from "./dates.js";
import { chosenRows, knowsDays, total } from "./sums.js";

export function comparisonOf(data, selection) {
  const before = periodBefore(selection);
  const dates = shownRange(before.from, before.to);
  if (before.from < data.first)
    return { ...before, dates, source: null, missing: `data since ${shownDay(data.first)}` };
  if (cellsTell(data, before)) return { ...before, dates, source: data.cells, missing: null };
  return {
    ...before,
    dates,
    source: knowsDays(data, selection) ? data.days : null,
    missing: `${dates} is not kept by day`,
  };
}

// Cells by month have whole months, and the last month up to the last day with usage.
function cellsTell(data, { to }) {
  return !data.byMonth || to === monthEnd(to) || to >= data.last;
}

// Whether there are figures by customer and user too, not only by kind.
export function tellsMembers(data, before) {
  return before.source === data.cells;
}

// Credits and operations, and the members if there are figures for them; null if there are none.
export function totalBefore(data, selection, before) {
  const { source } = before;
  if (source === null) return null;
  if (tellsMembers(data, before)) return total(data, selection, before);
  const sums = { credits: 0n, operations: 0 };
  for (const row of chosenRows(data, source, selection, before)) {
    sums.credits += source.credits[row];
    sums.operations += source.operations[row];
  }
  return sums;
}
