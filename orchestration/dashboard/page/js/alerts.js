// The alerts that are open, for the selection; a whole version's ones too, unless somebody is selected.

import { isNarrow } from "./charts.js";
import { OTHERS, labelOf } from "./dataset.js";
import { shownDay } from "./dates.js";
import { plural, shownCount } from "./decimals.js";
import { byId, fill, make, moreButton, nothing, rowsShown, say, table } from "./elements.js";
import { partnersOf } from "./quotas.js";
import { MORE_RANKS } from "./ranking.js";

const FIRST_ALERTS = 4;
const FIRST_ALERTS_NARROW = 2;

export function drawAlerts(data, selection, redraw) {
  const { alerts } = data;
  byId("alerts-card").hidden = data.alertCount === null;
  const is = (column, row) => (column[row] === OTHERS ? null : column[row]);
  const users = partnersOf(data, "tenant", selection.tenant, "user");
  const rows = [];
  for (let row = 0; row < alerts.rows; row += 1) {
    const [tenant, user, kind] = [is(alerts.tenant, row), is(alerts.user, row), is(alerts.kind, row)];
    const ofTenant =
      selection.tenant === null || tenant === selection.tenant || (tenant === null && user !== null && users.has(user));
    const ofUser = selection.user === null || user === selection.user;
    if (ofTenant && ofUser && (selection.kind === null || kind === null || kind === selection.kind))
      rows.push({ row, tenant, user });
  }
  say("alerts-note", rows.length ? `${plural(rows.length, "alert")}, whatever period is chosen` : "");
  if (rows.length === 0) {
    fill("alerts", nothing(data.alertCount ? "No open alert concerns this selection." : "No alert is open."));
    return;
  }
  const size = rowsShown("alerts", isNarrow() ? FIRST_ALERTS_NARROW : FIRST_ALERTS);
  const unlisted = data.alertCount - alerts.rows;
  const built = table(
    "Open alerts",
    [
      ["Alert", "grow"],
      ["Since", "figure"],
      ["Severity", "end"],
    ],
    rows.slice(0, size).map((alert) => alertCells(data, alert)),
  );
  built.classList.add("alerts");
  fill(
    "alerts",
    built,
    moreButton("alerts", rows.length, size, MORE_RANKS, redraw),
    unlisted > 0
      ? nothing(
          `${shownCount(unlisted)} more are not listed${data.tenantOnly ? "" : ": mart_usage_alerts has them all"}.`,
        )
      : null,
  );
}

// An alert is written with ids; people read names.
function alertCells(data, { row, tenant, user }) {
  const { alerts, words } = data;
  let summary = words[alerts.summary[row]];
  for (const member of [tenant === null ? null : data.tenants[tenant], user === null ? null : data.users[user]])
    if (member) summary = summary.replaceAll(member.id, () => labelOf(member));
  const severity = words[alerts.severity[row]];
  return [
    make("bdi", {}, summary),
    shownDay(data.dayOfBucket[alerts.from[row]]),
    make("span", { class: `status ${severity === "critical" ? "over" : "warn"}` }, severity),
  ];
}
