// The headline figures, each with its value in the period before.

import { comparisonOf, totalBefore } from "./comparison.js";
import { NO_FIGURE, divided, exactText, placesFor, shownChange, shownCount, shownCredits } from "./decimals.js";
import { fill, make } from "./elements.js";
import { total } from "./sums.js";

function change(now, then, before) {
  if (then === null) return make("p", { class: "muted change", "data-change": NO_FIGURE }, before.missing);
  const text = shownChange(now, then);
  return make("p", { class: "muted change", "data-change": text }, make("span", {}, text), ` vs ${before.dates}`);
}

export function drawHeadline(data, selection) {
  const before = comparisonOf(data, selection);
  const now = total(data, selection);
  const then = totalBefore(data, selection, before);
  const days = BigInt(selection.to - selection.from + 1);
  const daysThen = BigInt(before.to - before.from + 1);
  const figure = (id, label, shown, exact, more) =>
    make(
      "div",
      { class: "kpi" },
      make("h2", {}, label),
      make("p", { class: "big", id, "data-exact": exact, title: exact }, shown),
      more,
    );
  const actives = (id, label, members, membersThen) =>
    figure(
      id,
      label,
      shownCount(members.size),
      String(members.size),
      change(BigInt(members.size), membersThen ? BigInt(membersThen.size) : null, before),
    );
  const average = divided(now.credits, days);
  const averageThen = then && divided(then.credits, daysThen);
  fill(
    "headline",
    figure(
      "kpi-credits",
      "Credits",
      shownCredits(now.credits, placesFor(now.credits)),
      exactText(now.credits),
      change(now.credits, then && then.credits, before),
    ),
    figure(
      "kpi-operations",
      "Operations",
      shownCount(now.operations),
      String(now.operations),
      change(BigInt(now.operations), then && BigInt(then.operations), before),
    ),
    figure(
      "kpi-average",
      "Credits a day",
      shownCredits(average, placesFor(average)),
      exactText(average),
      change(average, averageThen, before),
    ),
    data.folded.includes("user_id")
      ? actives("kpi-tenants", "Active customers", now.tenants, then?.tenants)
      : actives("kpi-users", "Active users", now.users, then?.users),
  );
}
