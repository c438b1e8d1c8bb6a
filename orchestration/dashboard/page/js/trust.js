// How far the figures can be trusted. Each figure says what it covers: the selection, or more than one customer.

import { dayOf, monthStart, shownDay, shownMonth } from "./dates.js";
import { exactText, plural, shownCount, shownShare } from "./decimals.js";
import { credits, fill, make, say } from "./elements.js";
import { byDayAndKind, chosenRows, knowsDays, total } from "./sums.js";

const STATES = { good: "in order", look: "worth a look" };

export function drawTrust(data, selection) {
  const now = total(data, selection);
  const count = (columns, rows) => rows.reduce((sum, row) => sum + columns.operations[row], 0);
  const unreported = count(data.unreported, chosenRows(data, data.unreported, selection));
  const missing = count(data.missing, chosenRows(data, data.missing, selection));
  const items = [
    freshness(data, lastUsage(data, selection)),
    ...(data.tenantOnly ? [] : [captureCoverage(data, selection, missing)]),
    reconciliationItem(data, selection),
    item(
      "unmapped",
      "Unmapped",
      shownShare(now.unmapped, now.credits),
      now.unmapped === 0n ? "good" : "look",
      [credits(now.unmapped), " credits without a known user or customer"],
      exactText(now.unmapped),
    ),
    item(
      "unreported",
      "Unreported",
      shownShare(BigInt(unreported), BigInt(now.operations)),
      unreported === 0 ? "good" : "look",
      [`${plural(unreported, "operation")} whose usage never came, counted as 0`],
      String(unreported),
    ),
    item(
      "estimated",
      "Estimated",
      shownShare(now.estimated, now.credits),
      now.estimated === 0n ? "good" : "look",
      [credits(now.estimated), " credits from a socket's running total"],
      exactText(now.estimated),
    ),
    ...(data.lines ? [quarantined(data)] : []),
    ...(data.unread ? [unreadFiles(data.unread)] : []),
  ];
  say("trust-note", data.tenantOnly ? "" : "Of the selection, unless a figure says otherwise");
  const states = Object.entries(STATES).map(([state, text]) =>
    make("span", { class: `step ${state}` }, make("span", { class: "dot", "aria-hidden": "true" }), text),
  );
  fill("trust", make("dl", { class: "trust" }, items), make("p", { class: "legend" }, states));
}

function item(id, label, figure, state, detail, exact, of) {
  return make(
    "div",
    { class: `trust-item ${state}`, id: `trust-${id}` },
    make("dt", {}, label, of ? make("span", { class: "of" }, of) : null),
    make(
      "dd",
      { class: "trust-figure", "data-exact": exact },
      figure,
      STATES[state]
        ? [
            make("span", { class: "dot", "aria-hidden": "true" }),
            make("span", { class: "visually-hidden" }, `, ${STATES[state]}`),
          ]
        : null,
    ),
    make("dd", { class: "muted" }, detail),
  );
}

// The last day, or the last month if there are no figures by day for the selection.
function lastUsage(data, selection) {
  const days = [...byDayAndKind(data, selection, selection).keys()];
  if (days.length === 0) return null;
  const last = days.reduce((one, other) => Math.max(one, other));
  return knowsDays(data, selection) ? shownDay(last) : shownMonth(last);
}

// How fresh the usage is: a version that was just published may have only usage of a month ago.
function freshness(data, lastUse) {
  const { usage, heartbeat, silentSources } = data.lastSigns;
  const details = [
    usage === null ? "no usage" : `last usage ${age(usage)}`,
    ...(heartbeat === null ? [] : [`last heartbeat ${age(heartbeat)}`]),
    ...(silentSources ? [`${plural(silentSources, "source")} silent in hours that usually bring usage`] : []),
    `published ${age(data.builtAt)}, ${builtAt(data)}`,
    lastUse === null ? "no usage in this selection" : `last usage in this selection: ${lastUse}`,
  ];
  return item(
    "freshness",
    "Freshness",
    usage === null ? "no usage" : age(usage),
    silentSources ? "look" : "plain",
    [details.join("; ")],
    usage ?? "",
    "all usage",
  );
}

export function age(moment, now = Date.now()) {
  const hours = Math.floor((now - new Date(moment).getTime()) / 3600000);
  if (hours <= 0) return "within the hour";
  return hours < 48 ? `${hours} h ago` : `${plural(Math.floor(hours / 24), "day")} ago`;
}

export function builtAt(data) {
  return `${shownDay(dayOf(data.builtAt.slice(0, 10)))}, ${data.builtAt.slice(11, 16)} UTC`;
}

function captureCoverage(data, selection, missing) {
  const { coverage } = data;
  const sums = { created: 0, covered: 0, failed: 0 };
  for (const row of chosenRows(data, coverage, selection)) {
    sums.created += coverage.created[row];
    sums.covered += coverage.covered[row];
    sums.failed += coverage.failed_days[row];
  }
  if (coverage.rows === 0)
    return item(
      "coverage",
      "Capture coverage",
      "not measured",
      "plain",
      ["Corti was not asked what was created: credits pull does so"],
      "",
    );
  const gaps = sums.failed ? `; ${plural(sums.failed, "day")} whose pull failed` : "";
  const detail = `${shownCount(sums.covered)} of ${shownCount(sums.created)} that Corti lists have a record${gaps}; missing in the selection: ${shownCount(missing)}`;
  const state = sums.covered === sums.created && !sums.failed ? "good" : "look";
  return item(
    "coverage",
    "Capture coverage",
    shownShare(BigInt(sums.covered), BigInt(sums.created)),
    state,
    [detail],
    `${sums.covered}/${sums.created}`,
    data.tenantOnly ? null : "all customers",
  );
}

function reconciliationItem(data, selection) {
  const { reconciliation } = data;
  const label = "Reconciliation";
  let [totals, matched] = [0, 0];
  // A window that extends beyond all usage has no more usage than one that ends there.
  const [first, last] = [data.byMonth ? monthStart(data.first) : data.first, data.last];
  for (let row = 0; row < reconciliation.rows; row += 1) {
    const [from, to] = [data.dayOfBucket[reconciliation.from[row]], data.dayOfBucket[reconciliation.to[row]]];
    const fits = ["tenant", "user"].every(
      (name) => selection[name] === null || reconciliation[name][row] === selection[name],
    );
    if (
      !fits ||
      to < selection.from ||
      from > selection.to ||
      Math.max(from, first) < selection.from ||
      Math.min(to, last) > selection.to
    )
      continue;
    totals += reconciliation.totals[row];
    if (data.words[reconciliation.status[row]] === "matched") matched += reconciliation.totals[row];
  }
  if (reconciliation.rows === 0)
    return item("reconciliation", label, "not compared", "plain", ["Corti's own totals were not given"], "");
  if (totals === 0)
    return item(
      "reconciliation",
      label,
      "not compared",
      "plain",
      ["no total of Corti's is within this selection"],
      "0/0",
    );
  return item(
    "reconciliation",
    label,
    `${shownCount(matched)} of ${shownCount(totals)}`,
    matched === totals ? "good" : "look",
    ["of Corti's own totals match ours"],
    `${matched}/${totals}`,
    "all kinds",
  );
}

function quarantined(data) {
  const { lines, rejected } = data.lines;
  return item(
    "quarantined",
    "Quarantined",
    shownShare(BigInt(rejected), BigInt(lines)),
    rejected === 0 ? "good" : "look",
    [`${shownCount(rejected)} of ${plural(lines, "line")} read ${rejected === 1 ? "was" : "were"} refused`],
    `${rejected}/${lines}`,
    "all usage",
  );
}

// Files and folders below landing that are no part of the version, each with its reason.
const UNREAD_SHOWN = 3;

function unreadFiles({ count, files }) {
  const shown = files.slice(0, UNREAD_SHOWN);
  const rest = count - shown.length;
  return item(
    "unread",
    "Not read",
    shownCount(count),
    count === 0 ? "good" : "look",
    count === 0
      ? ["every file below landing is read"]
      : [
          ...shown.map(([path, reason]) => make("p", {}, make("code", {}, path), ` ${reason}`)),
          rest ? make("p", {}, `and ${shownCount(rest)} more, in mart_unread_files`) : null,
        ],
    String(count),
    "all files",
  );
}
