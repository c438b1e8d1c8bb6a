// Quotas of the current periods: what is used, what is left, and when it will be used up at the present pace.

import { breadth, isNarrow } from "./charts.js";
import { OTHERS, labelOf, memberCell } from "./dataset.js";
import { dayOf, shownDay, shownRange } from "./dates.js";
import { ONE, divided, shownCount, shownShare } from "./decimals.js";
import { credits, fill, fitted, make, moreButton, nothing, rowsShown, say, table } from "./elements.js";
import { MORE_RANKS } from "./ranking.js";

const FIRST_QUOTAS = 10;
const FIRST_QUOTAS_NARROW = 3;
const STATUS = { ok: "within", warn: "warned", over: "exceeded" };

export function drawQuotas(data, selection, redraw) {
  const { quotas } = data;
  if (data.quotaCount === null || data.quotaCount === 0) {
    say("quotas-note", "");
    fill(
      "quotas",
      nothing(
        "No quotas are configured.",
        data.tenantOnly
          ? null
          : make(
              "span",
              {},
              "An export below ",
              make("code", {}, "landing/billing/quotas/"),
              " says who may use how many credits.",
            ),
      ),
    );
    return;
  }
  const is = (column, row) => (column[row] === OTHERS ? null : column[row]);
  const users = partnersOf(data, "tenant", selection.tenant, "user");
  const tenants = partnersOf(data, "user", selection.user, "tenant");
  const rows = [];
  for (let row = 0; row < quotas.rows; row += 1) {
    const [tenant, user, kind] = [is(quotas.tenant, row), is(quotas.user, row), is(quotas.kind, row)];
    const fits = (member, chosen) => chosen === null || member === null || member === chosen;
    // A user's own quota is shown for the customers of that user, and a customer's quota for its users.
    const ofTenant =
      tenant === null ? selection.tenant === null || user === null || users.has(user) : fits(tenant, selection.tenant);
    const ofUser =
      user === null ? selection.user === null || tenant === null || tenants.has(tenant) : fits(user, selection.user);
    if (ofTenant && ofUser && fits(kind, selection.kind)) rows.push({ row, tenant, user, kind });
  }
  const unlisted = data.quotaCount - quotas.rows;
  say(
    "quotas-note",
    `Current periods${data.quotasAsOf ? `, ${data.tenantOnly ? "last usage" : "as of"} ${shownDay(dayOf(data.quotasAsOf))}` : ""}, whatever period is chosen; projected at the pace of the last 7 days`,
  );
  if (rows.length === 0) {
    fill("quotas", nothing("No quota applies to this selection."));
    return;
  }
  const size = rowsShown("quotas", isNarrow() ? FIRST_QUOTAS_NARROW : FIRST_QUOTAS);
  const shown = rows.slice(0, size).map((quota) => quotaCells(data, quota));
  const [quota, used, left, projected, upOn, status] = [
    ["Quota", "grow"],
    ["Used", "grow"],
    ["Left", "figure"],
    ["Projected", "figure"],
    ["Used up on", "figure upon"],
    ["Status", "end"],
  ];
  const stacked = (cells) => make("div", { class: "stacked" }, cells[5], cells[4]);
  const [columns, cellsOf] = {
    wide: [[quota, used, left, projected, upOn, status], (cells) => cells],
    medium: [[quota, used, left, projected, upOn], (cells) => [...cells.slice(0, 4), stacked(cells)]],
    narrow: [[quota, upOn], (cells) => [make("div", {}, cells[0], cells[1]), stacked(cells)]],
  }[breadth()];
  const built = table("Quotas of the current periods", columns, shown.map(cellsOf));
  built.classList.add("quotas");
  fitted(
    built,
    rows
      .map(({ row }) => [quotas.allowance[row], quotas.projected[row]])
      .flat()
      .reduce((most, value) => (value > most ? value : most), 0n),
    2,
  );
  fill(
    "quotas",
    built,
    moreButton("quotas", rows.length, size, MORE_RANKS, redraw),
    unlisted > 0
      ? nothing(
          `${unlisted === 1 ? "1 more quota with the smallest share used is" : `${shownCount(unlisted)} more quotas with the smallest shares used are`} not listed${data.tenantOnly ? "" : ": mart_quota_consumption has them all"}.`,
        )
      : null,
  );
}

// The users that ever had usage at a customer, or the customers of a user.
export function partnersOf(data, dimension, chosen, other) {
  const { cells } = data;
  const found = new Set();
  for (let row = 0; row < cells.rows; row += 1) if (cells[dimension][row] === chosen) found.add(cells[other][row]);
  return found;
}

function quotaCells(data, { row, tenant, user, kind }) {
  const { quotas } = data;
  const [allowance, used] = [quotas.allowance[row], quotas.used[row]];
  const day = (bucket) => (bucket === OTHERS ? null : data.dayOfBucket[bucket]);
  const [from, to] = [day(quotas.from[row]), day(quotas.to[row])];
  const status = data.words[quotas.status[row]];
  const who = user !== null ? data.users[user] : data.tenants[tenant];
  const what = [
    tenant !== null && user !== null ? labelOf(data.tenants[tenant]) : null,
    kind === null ? "all kinds" : labelOf(data.kinds[kind]),
    shownRange(from, to),
  ];
  const share = allowance > 0n ? Number(divided(used * 1000n, allowance)) / 10 : used > 0n ? 100 : 0;
  const bar = make(
    "span",
    { class: `meter ${status}`, "aria-hidden": "true", width: `${Math.min(100, share)}%` },
    make("span", { class: "mark" }),
  );
  bar.style.setProperty("--mark", `${Math.min(100, Number(divided(quotas.warn_at[row] * 1000n, ONE)) / 10)}%`);
  return [
    make(
      "span",
      { class: "member" },
      memberCell(who),
      make("bdi", { class: "muted small" }, what.filter(Boolean).join(" · ")),
    ),
    make(
      "span",
      { class: "used" },
      make(
        "span",
        {},
        credits(used),
        make("span", { class: "muted" }, " of "),
        credits(allowance),
        " ",
        make("span", { class: "muted whole" }, `· ${shownShare(used, allowance)}`),
      ),
      bar,
    ),
    credits(allowance - used),
    credits(quotas.projected[row]),
    exhaustion({
      exhausted: day(quotas.exhausted[row]),
      earliest: day(quotas.earliest[row]),
      latest: day(quotas.latest[row]),
      to,
      status,
    }),
    statusCell(status, quotas.projected[row] > allowance),
  ];
}

// A quota that will be exceeded at the present pace must not look safe.
function statusCell(status, projectedOver) {
  const pill = (kind, text) => make("span", { class: `status ${kind}` }, text);
  return make(
    "span",
    { class: "statuses" },
    pill(status, STATUS[status] ?? status),
    projectedOver && status !== "over" ? [" ", pill("warn", "projected over")] : null,
  );
}

// The day on which the allowance is used up at the present pace, and how certain that is: at a slow pace it may last
// for the period, and at a fast one not.
function exhaustion({ exhausted, earliest, latest, to, status }) {
  if (status === "over")
    return exhausted === null
      ? make("span", { class: "muted" }, "used up")
      : make("span", { class: "dates" }, shownDay(exhausted));
  const small = (text) => make("span", { class: "muted small" }, text);
  const soonest = earliest !== null && earliest <= to ? `earliest ${shownDay(earliest)}` : null;
  if (exhausted === null || exhausted > to) {
    if (soonest) return make("span", { class: "dates" }, make("span", { class: "muted" }, "may last"), small(soonest));
    return make("span", { class: "muted" }, exhausted === null ? "not expected" : "lasts the period");
  }
  if (latest === null || latest > to)
    return make(
      "span",
      { class: "dates" },
      shownDay(exhausted),
      small(soonest === null || earliest === exhausted ? "may last" : `${soonest}, may last`),
    );
  return make(
    "span",
    { class: "dates" },
    shownDay(exhausted),
    earliest !== null && earliest !== latest ? small(shownRange(earliest, latest)) : null,
  );
}
