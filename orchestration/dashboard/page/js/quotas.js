// Quotas of the current periods: what is used, what is left, and when it will be used up as things go.

const FIRST_QUOTAS = 10;
const NOBODY = "(none)";
const STATUS = { ok: "within", warn: "warned", over: "exceeded" };

function drawQuotas(data, selection, redraw) {
  const { quotas } = data;
  if (data.quotaCount === null || data.quotaCount === 0) {
    say("quotas-note", "");
    fill("quotas", nothing("No quotas are configured.", data.tenantOnly ? null : make("span", {}, "An export below ", make("code", {}, "landing/billing/quotas/"), " says who may use how many credits.")));
    return;
  }
  const is = (column, list, row) => (column[row] === OTHERS || list[column[row]].id === NOBODY ? null : column[row]);
  const rows = [];
  for (let row = 0; row < quotas.rows; row += 1) {
    const [tenant, user, kind] = [is(quotas.tenant, data.tenants, row), is(quotas.user, data.users, row), is(quotas.kind, data.kinds, row)];
    const fits = (member, chosen) => chosen === null || member === null || member === chosen;
    // A customer's quota concerns its users, and a user's own the customer that is chosen with the user.
    const concerned = tenant === null && selection.tenant !== null ? user === selection.user || usersOf(data, selection.tenant).has(user) : fits(tenant, selection.tenant);
    if (concerned && fits(user, selection.user) && fits(kind, selection.kind)) rows.push({ row, tenant, user, kind });
  }
  const unlisted = data.quotaCount - quotas.rows;
  say("quotas-note", `Current periods, as of ${shownDay(dayOf(data.quotasAsOf))}; the chosen period changes nothing here`);
  if (rows.length === 0) {
    fill("quotas", nothing("No quota concerns this selection."));
    return;
  }
  const size = rowsShown("quotas", FIRST_QUOTAS);
  const shown = rows.slice(0, size).map((each) => quotaCells(data, each));
  const [quota, used, left, projected, upOn, status] = [["Quota", "grow"], ["Used", "grow"], ["Left", "figure"], ["Projected", "figure"], ["Used up on", "figure upon"], ["Status", "end"]];
  const stacked = (cells) => make("div", { class: "stacked" }, cells[5], cells[4]);
  const [columns, cellsOf] = {
    wide: [[quota, used, left, projected, upOn, status], (cells) => cells],
    medium: [[quota, used, left, projected, upOn], (cells) => [...cells.slice(0, 4), stacked(cells)]],
    narrow: [[quota, upOn], (cells) => [make("div", {}, cells[0], cells[1]), stacked(cells)]],
  }[breadth()];
  const built = table("Quotas of the current periods", columns, shown.map(cellsOf));
  built.classList.add("quotas");
  fitted(built, rows.map(({ row }) => [quotas.allowance[row], quotas.projected[row]]).flat().reduce((most, each) => (each > most ? each : most), 0n), 2);
  fill(
    "quotas",
    built,
    moreButton("quotas", rows.length, size, MORE_RANKS, redraw),
    unlisted > 0 ? nothing(`${unlisted === 1 ? "1 more quota with the smallest share used is" : `${shownCount(unlisted)} more quotas with the smallest shares used are`} not listed: mart_quota_consumption has them all.`) : null,
  );
}

function usersOf(data, tenant) {
  const users = new Set();
  for (let row = 0; row < data.cells.rows; row += 1) if (data.cells.tenant[row] === tenant) users.add(data.cells.user[row]);
  return users;
}

function quotaCells(data, { row, tenant, user, kind }) {
  const { quotas } = data;
  const [allowance, used] = [quotas.allowance[row], quotas.used[row]];
  const day = (bucket) => (bucket === OTHERS ? null : data.dayOfBucket[bucket]);
  const [from, to] = [day(quotas.from[row]), day(quotas.to[row])];
  const status = data.words[quotas.status[row]];
  const who = user !== null ? data.users[user] : data.tenants[tenant];
  const what = [tenant !== null && user !== null ? labelOf(data.tenants[tenant]) : null, kind === null ? "all kinds" : data.kinds[kind].id, shownRange(from, to)];
  const share = allowance > 0n ? Number(divided(used * 1000n, allowance)) / 10 : used > 0n ? 100 : 0;
  const bar = make("span", { class: `meter ${status}`, "aria-hidden": "true", width: `${Math.min(100, share)}%` }, make("span", { class: "mark" }));
  bar.style.setProperty("--mark", `${Math.min(100, Number(divided(quotas.warn_at[row] * 1000n, ONE)) / 10)}%`);
  return [
    make("span", { class: "member" }, memberCell(who), make("bdi", { class: "muted small" }, what.filter(Boolean).join(" · "))),
    make("span", { class: "used" }, make("span", {}, credits(used), make("span", { class: "muted" }, " of "), credits(allowance), " ", make("span", { class: "muted whole" }, `· ${shownShare(used, allowance)}`)), bar),
    credits(allowance - used),
    credits(quotas.projected[row]),
    exhaustion({ exhausted: day(quotas.exhausted[row]), earliest: day(quotas.earliest[row]), latest: day(quotas.latest[row]), to, status }),
    make("span", { class: `status ${status}` }, STATUS[status] ?? status),
  ];
}

// The day on which the allowance is used up at the present pace; a day after the period says that it lasts.
function exhaustion({ exhausted, earliest, latest, to, status }) {
  if (exhausted === null) return make("span", { class: "muted" }, status === "over" ? "used up" : "not in sight");
  if (status === "over") return make("span", { class: "dates" }, shownDay(exhausted));
  const range = earliest !== null && latest !== null && earliest !== latest ? make("span", { class: "muted small" }, shownRange(earliest, latest)) : null;
  if (exhausted > to) return make("span", { class: "muted" }, "lasts the period");
  return make("span", { class: "dates" }, shownDay(exhausted), range);
}
