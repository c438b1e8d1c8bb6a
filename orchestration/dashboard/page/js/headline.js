// The first figures: each with what it was in the period before.

function change(now, before, shownBefore) {
  const text = shownChange(now, before);
  return make("p", { class: "muted change" }, make("span", { "data-change": text }, text), ` vs ${shownBefore}`);
}

function drawHeadline(data, selection) {
  const before = periodBefore(selection);
  const now = total(data, selection);
  const then = total(data, selection, before);
  const days = BigInt(selection.to - selection.from + 1);
  const daysThen = BigInt(before.to - before.from + 1);
  const dates = shownRange(before.from, before.to);
  const figure = (id, label, shown, exact, more) =>
    make("div", { class: "kpi" }, make("h2", {}, label), make("p", { class: "big", id, "data-exact": exact, title: exact }, shown), more);
  const actives = (id, label, members, membersThen) =>
    figure(id, label, shownCount(members.size), String(members.size), change(BigInt(members.size), BigInt(membersThen.size), dates));
  const average = divided(now.credits, days);
  const averageThen = divided(then.credits, daysThen);
  fill(
    "headline",
    figure("kpi-credits", "Credits", shownCredits(now.credits, placesFor(now.credits)), exactText(now.credits), change(now.credits, then.credits, dates)),
    figure("kpi-operations", "Operations", shownCount(now.operations), String(now.operations), change(BigInt(now.operations), BigInt(then.operations), dates)),
    figure("kpi-average", "Credits a day", shownCredits(average, placesFor(average)), exactText(average), change(average, averageThen, dates)),
    data.folded.includes("user_id")
      ? actives("kpi-tenants", "Active customers", now.tenants, then.tenants)
      : actives("kpi-users", "Active users", now.users, then.users),
  );
}
