// Sums over the cells of a selection, with whole numbers only.

import { OTHERS } from "./dataset.js";
import { MEMBERS, listOf } from "./selection.js";

function inPeriod(data, columns, { from, to }) {
  const within = Array.from(data.dayOfBucket, (day) => day >= from && day <= to);
  return (row) => within[columns.bucket[row]];
}

// Rows of columns with a bucket and some of tenant, user and kind.
export function chosenRows(data, columns, selection, period = selection) {
  const inside = inPeriod(data, columns, period);
  const limits = MEMBERS.filter((name) => selection[name] !== null && columns[name]).map((name) => [
    columns[name],
    selection[name],
  ]);
  const rows = [];
  for (let row = 0; row < columns.rows; row += 1) {
    if (inside(row) && limits.every(([column, member]) => column[row] === member)) rows.push(row);
  }
  return rows;
}

export function total(data, selection, period = selection) {
  const { cells } = data;
  const sums = { credits: 0n, operations: 0, estimated: 0n, unmapped: 0n, tenants: new Set(), users: new Set() };
  for (const row of chosenRows(data, cells, selection, period)) {
    const [tenant, user] = [cells.tenant[row], cells.user[row]];
    sums.credits += cells.credits[row];
    sums.operations += cells.operations[row];
    sums.estimated += cells.estimated[row];
    const unmappedTenant = tenant === data.unmappedTenant && tenant !== OTHERS;
    const unmappedUser = user === data.unmappedUser && user !== OTHERS;
    if (unmappedTenant || unmappedUser) sums.unmapped += cells.credits[row];
    if (!unmappedTenant) sums.tenants.add(tenant);
    if (!unmappedUser) sums.users.add(user);
  }
  return sums;
}

export function byMember(data, dimension, selection, period = selection, source = data.cells) {
  const sums = new Map();
  for (const row of chosenRows(data, source, selection, period)) {
    const member = source[dimension][row];
    const sum = sums.get(member) ?? { credits: 0n, operations: 0 };
    sum.credits += source.credits[row];
    sum.operations += source.operations[row];
    sums.set(member, sum);
  }
  return sums;
}

// Members ranked by credits, then those with usage in the period before but not now: without them the changes would not
// add up. Unnamed members come last. `then` is null if there is no comparison.
export function ranked(data, dimension, sums, then) {
  const members = listOf(data, dimension);
  const order = ([one, { credits }], [other, { credits: others }]) => {
    if (credits !== others) return credits < others ? 1 : -1;
    return members[one]?.id < members[other]?.id ? -1 : 1;
  };
  const gone = [...(then ?? [])].filter(([member]) => !sums.has(member)).sort(order);
  const all = [...[...sums].sort(order), ...gone.map(([member]) => [member, { credits: 0n, operations: 0 }])];
  return [...all.filter(([member]) => member !== OTHERS), ...all.filter(([member]) => member === OTHERS)];
}

// Whether a ranked member used anything in the period itself.
export function isActive([, sum]) {
  return sum.operations > 0;
}

// Whether there are figures by day for this selection: in a large version only for few customers, and for no user.
export function knowsDays(data, { tenant, user }) {
  return !data.byMonth || (user === null && (tenant === null || data.namedDays.has(tenant)));
}

// Credits by day (or first day of the month) and kind.
export function byDayAndKind(data, selection, period) {
  const source = data.byMonth && knowsDays(data, selection) ? data.days : data.cells;
  const sums = new Map();
  for (const row of chosenRows(data, source, selection, period)) {
    const day = data.dayOfBucket[source.bucket[row]];
    const kinds = sums.get(day) ?? new Map();
    const kind = source.kind[row];
    kinds.set(kind, (kinds.get(kind) ?? 0n) + source.credits[row]);
    sums.set(day, kinds);
  }
  return sums;
}

// The sums of days within each piece of a period: one map by kind for each piece.
export function inPieces(days, ranges) {
  const sums = ranges.map(() => new Map());
  for (const [day, kinds] of days) {
    const place = ranges.findIndex((range) => range && day >= range.from && day <= range.to);
    if (place < 0) continue;
    for (const [kind, value] of kinds) sums[place].set(kind, (sums[place].get(kind) ?? 0n) + value);
  }
  return sums;
}

export function sumOf(values) {
  let sum = 0n;
  for (const value of values) sum += value;
  return sum;
}
