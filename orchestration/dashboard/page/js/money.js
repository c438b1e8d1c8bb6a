// What the selection costs: by currency at the agreed price, all of it at the list price beside that, and prepaid
// credits. Amounts of different currencies are never added up.

import { comparisonOf, tellsMembers } from "./comparison.js";
import { OTHERS } from "./dataset.js";
import { shownDay } from "./dates.js";
import {
  NO_FIGURE,
  amountText,
  exactText,
  plural,
  shownAmount,
  shownChange,
  shownCount,
  shownCredits,
} from "./decimals.js";
import { byId, fill, make, say } from "./elements.js";
import { MEMBERS } from "./selection.js";
import { chosenRows } from "./sums.js";

const UNRATED = "(unrated)";
const MOST_ACCOUNTS = 4;

// Credits and amounts of a period: of each agreed currency, of each list currency, and what both hold.
export function costOf(data, selection, period = selection) {
  const { costs, words } = data;
  const cost = { agreed: new Map(), list: new Map(), unrated: 0n, adjusted: 0n, derived: 0n };
  const add = (sums, currency, amount, credits) => {
    const sum = sums.get(currency) ?? { amount: 0n, credits: 0n };
    sum.amount += amount;
    sum.credits += credits;
    sums.set(currency, sum);
  };
  for (const row of chosenRows(data, costs, selection, period)) {
    const [currency, credits] = [words[costs.currency[row]], costs.credits[row]];
    if (currency === UNRATED) cost.unrated += credits;
    else add(cost.agreed, currency, costs.amount[row], credits);
    add(cost.list, words[costs.list_currency[row]], costs.list_amount[row], credits);
    cost.adjusted += costs.adjusted[row];
    cost.derived += costs.derived[row];
  }
  return cost;
}

export function drawMoney(data, selection) {
  const unkept = MEMBERS.find((name) => selection[name] !== null && !data.costs[name]);
  const isKept = data.costs.rows > 0 && unkept === undefined;
  const items = [...(isKept ? costItems(data, selection) : []), ...balanceItems(data)];
  byId("money").hidden = items.length === 0;
  fill("money", items);
  const notes = isKept ? costNotes(costOf(data, selection)) : [];
  if (data.costs.rows > 0 && unkept)
    notes.push(
      `This version is large: its amounts are not kept by ${{ tenant: "customer" }[unkept] ?? unkept}, so a selection of one has none.`,
    );
  byId("money-note").hidden = notes.length === 0;
  say("money-note", notes.join(" "));
}

function figure(label, of, shown, exact, lines) {
  return make(
    "div",
    { class: "kpi" },
    make("h2", {}, label, of ? make("span", { class: "of" }, ` ${of}`) : null),
    make("p", { class: "big", "data-exact": exact, title: exact }, shown),
    lines.filter(Boolean).map((line) => make("p", { class: "muted change" }, line)),
  );
}

function costItems(data, selection) {
  const compared = comparisonOf(data, selection);
  const now = costOf(data, selection);
  const then = tellsMembers(data, compared) ? costOf(data, selection, compared) : null;
  const change = (list, currency, amount) => {
    if (then === null) return compared.missing;
    const before = then[list].get(currency)?.amount ?? 0n;
    return [make("span", {}, shownChange(amount, before)), ` vs ${compared.dates}`];
  };
  const item = (list, label, of, text) =>
    [...now[list]]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([currency, { amount, credits }]) => {
        const built = figure(
          label,
          of,
          [`${shownAmount(amount, currency)} `, make("span", { class: "unit" }, currency)],
          amountText(amount),
          [change(list, currency, amount), text(credits)],
        );
        built.id = `cost-${list}-${currency}`;
        return built;
      });
  const agreed = item("agreed", "Cost", "at the agreed price", (credits) => `${shownCredits(credits)} credits`);
  const unrated =
    now.unrated === 0n
      ? []
      : [
          figure("Without an agreed price", "", shownCredits(now.unrated), exactText(now.unrated), [
            "credits that no rate covers",
          ]),
        ];
  const list = item("list", "Cost", "at the list price", (credits) => `all ${shownCredits(credits)} credits`);
  return [...agreed, ...unrated, ...list];
}

function costNotes(cost) {
  const notes = ["The list price is for comparison; no amount contains another."];
  if (cost.adjusted !== 0n) notes.push(`Amounts include adjustments of ${shownCredits(cost.adjusted)} credits.`);
  if (cost.derived !== 0n)
    notes.push(
      `${shownCredits(cost.derived)} credits are derived from tokens and their price, since Corti reports tokens only.`,
    );
  return notes;
}

function balanceItems(data) {
  const { balances, words } = data;
  const word = (column, row) => (column[row] === OTHERS ? null : words[column[row]]);
  const items = [];
  for (let row = 0; row < Math.min(balances.rows, MOST_ACCOUNTS); row += 1) {
    const account = [word(balances.account, row), word(balances.environment, row)].filter(Boolean).join(", ");
    const more = balances.rows > MOST_ACCOUNTS && row === MOST_ACCOUNTS - 1;
    items.push(
      figure(
        "Prepaid credits left",
        balances.rows > 1 ? account : "all usage",
        shownCredits(balances.remaining[row]),
        exactText(balances.remaining[row]),
        [
          runway(...["runway", "runway_low", "runway_high"].map((name) => word(balances[name], row))),
          balances.overdrawn[row] > 0n
            ? `${shownCredits(balances.overdrawn[row])} used on the last day beyond what there was`
            : null,
          balances.expires[row] === OTHERS
            ? null
            : `${shownCredits(balances.expiring[row])} expire on ${shownDay(data.dayOfBucket[balances.expires[row]])}`,
          `as of ${shownDay(data.dayOfBucket[balances.day[row]])}`,
          more ? `${shownCount(balances.rows - MOST_ACCOUNTS)} more accounts in mart_credit_balance` : null,
        ],
      ),
    );
  }
  return items;
}

function runway(days, low, high) {
  if (days === null) return "how long they last is not known";
  if (days === "0") return "nothing is left";
  const range = low === null ? NO_FIGURE : high === null ? `at least ${low}` : `${low} to ${high}`;
  return [make("span", {}, `last ${plural(Number(days), "day")}`), `, likely ${range}`];
}
