// The same period before, and which columns tell it: none where it lies before the first day with usage, be it in part,
// or where figures by month would have to be cut.

import { monthEnd, periodBefore, shownDay, shownRange } from "./dates.js";
import { chosenRows, knowsDays, total } from "./sums.js";

export function comparisonOf(data, selection) {
  const before = periodBefore(selection);
  const dates = shownRange(before.from, before.to);
  if (before.from < data.first) return { ...before, dates, source: null, untold: `data since ${shownDay(data.first)}` };
  if (cellsTell(data, before)) return { ...before, dates, source: data.cells, untold: null };
  return {
    ...before,
    dates,
    source: knowsDays(data, selection) ? data.days : null,
    untold: `${dates} is not kept by day`,
  };
}

// Cells by month tell whole months, and the last month as far as there is usage at all.
function cellsTell(data, { to }) {
  return !data.byMonth || to === monthEnd(to) || to >= data.last;
}

// Whether customers and users are told too, not only kinds.
export function tellsMembers(data, before) {
  return before.source === data.cells;
}

// Credits and operations, and the members where they are told; null where nothing is.
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
