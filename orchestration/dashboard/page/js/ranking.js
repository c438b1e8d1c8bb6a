// Customers and users ranked by credits, with share and change; those that are not shown are summed in one line.

import { isNarrow, isOnPaper } from "./charts.js";
import { comparisonOf, tellsMembers, totalBefore } from "./comparison.js";
import { OTHERS, UNMAPPED, memberCell } from "./dataset.js";
import { divided, placesFor, shownCount, shownShare } from "./decimals.js";
import { credits, fill, fitted, make, moreButton, nothing, rowsShown, say, table } from "./elements.js";
import { keepable } from "./focus.js";
import { changeCell } from "./over_time.js";
import { listOf } from "./selection.js";
import { byMember, isActive, ranked, sumOf } from "./sums.js";

const FIRST_RANKS = 8;
const FIRST_RANKS_NARROW = 5;
const FIRST_RANKS_ON_PAPER = 6;
export const MORE_RANKS = 20;

function othersText(data, dimension, selection) {
  if (dimension === "tenant") return "Other customers";
  if (selection.tenant === null) return `Other users (${shownCount(data.otherUsers)} in all)`;
  const place = data.others.tenant.indexOf(selection.tenant);
  return place < 0 ? "Other users" : `Other users (${shownCount(data.others.users[place])} in all)`;
}

export function drawRanking(data, dimension, selection, choose, redraw) {
  const id = `${dimension}s`;
  const group = { tenant: "customers", user: "users" }[dimension];
  const now = byMember(data, dimension, selection);
  const compared = comparisonOf(data, selection);
  const then = tellsMembers(data, compared) ? byMember(data, dimension, selection, compared) : null;
  const members = ranked(data, dimension, now, then);
  const known = members.filter(([member]) => member !== OTHERS);
  const unnamed = members.find(([member]) => member === OTHERS);
  const people = known.filter(([member]) => listOf(data, dimension)[member].id !== UNMAPPED);
  const active = people.filter(isActive).length;
  const gone = people.length - active;
  say(
    `${id}-note`,
    now.size
      ? [
          `${shownCount(active)} ${unnamed ? "named" : "active"}`,
          gone ? `${shownCount(gone)} no longer` : null,
          then === null ? compared.missing : null,
        ]
          .filter(Boolean)
          .join("; ")
      : "",
  );
  if (now.size === 0) {
    fill(id, nothing("No usage in this selection."));
    return;
  }
  const all = sumOf(members.map(([, sum]) => sum.credits));
  const places = placesFor(all);
  const largest = known.length ? known[0][1].credits : 0n;
  const size = rowsShown(id, isNarrow() ? FIRST_RANKS_NARROW : isOnPaper() ? FIRST_RANKS_ON_PAPER : FIRST_RANKS);
  const before = (member) => then && (then.get(member)?.credits ?? 0n);
  const sumBefore = (list) => then && sumOf(list.map(([member]) => before(member)));
  const row = ([member, sum], place) => [
    sum.operations ? String(place + 1) : "",
    rankedMember(listOf(data, dimension)[member], sum.credits, largest, id, selection[dimension] === member, () =>
      choose({ [dimension]: selection[dimension] === member ? null : member }),
    ),
    credits(sum.credits, {}, places),
    shownShare(sum.credits, all),
    changeCell(sum.credits, before(member)),
  ];
  const summed = (text, sums, sumsThen) => [
    "",
    text,
    credits(sums, {}, places),
    shownShare(sums, all),
    changeCell(sums, sumsThen),
  ];
  const hidden = known.slice(size);
  const foot = [];
  if (hidden.length) {
    foot.push(
      summed(
        `${shownCount(hidden.length)} more ${hidden.length === 1 ? group.slice(0, -1) : group}`,
        sumOf(hidden.map(([, sum]) => sum.credits)),
        sumBefore(hidden),
      ),
    );
  }
  if (unnamed) foot.push(summed(othersText(data, dimension, selection), unnamed[1].credits, before(OTHERS)));
  const allThen = totalBefore(data, selection, compared)?.credits ?? null;
  foot.push([
    "",
    `All ${group}`,
    credits(all, { id: `${id}-total` }, places),
    shownShare(all, all),
    changeCell(all, allThen),
  ]);
  fill(
    id,
    fitted(rankTable(group, known.slice(0, size).map(row), foot), all, places),
    moreButton(id, known.length, size, MORE_RANKS, redraw),
  );
}

function rankTable(group, rows, foot) {
  const built = table(
    `The ${group} with the most credits`,
    [
      ["#", "rank"],
      ["Name", "grow"],
      ["Credits", "figure"],
      ["Share", "figure"],
      ["Change", "figure"],
    ],
    rows,
    foot,
  );
  built.classList.add("ranking");
  return built;
}

function rankedMember(member, value, largest, list, chosen, choose) {
  const bar = make("span", {
    class: "bar",
    "aria-hidden": "true",
    width: largest > 0n ? `${Number(divided(value * 1000n, largest)) / 10}%` : "0%",
  });
  const button = keepable(memberCell(member, choose), list, member.id);
  button.setAttribute("aria-pressed", String(chosen));
  return make("div", { class: chosen ? "ranked chosen-member" : "ranked", "data-id": member.id }, button, bar);
}
