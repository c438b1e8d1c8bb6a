// The interactions that cost most in the selection, of those that the page lists.

import { breadth } from "./charts.js";
import { OTHERS, memberCell } from "./dataset.js";
import { shownDay, shownMonth } from "./dates.js";
import { placesFor, plural, shownCount } from "./decimals.js";
import { breakable, credits, fill, fitted, make, moreButton, nothing, rowsShown, say, table } from "./elements.js";
import { keepable } from "./focus.js";
import { kindName } from "./over_time.js";
import { MORE_RANKS } from "./ranking.js";
import { chosenRows, sumOf, total } from "./sums.js";

const FIRST_INTERACTIONS = 10;
const SEVERAL = "several";

function kindsCell(text) {
  return make("bdi", { class: "name several muted", title: text }, breakable(text));
}

export function drawInteractions(data, selection, choose, redraw) {
  const { interactions } = data;
  const found = new Map();
  for (const row of chosenRows(data, interactions, selection)) {
    const id = interactions.interaction[row];
    const each = found.get(id) ?? {
      id,
      credits: 0n,
      operations: 0,
      tenants: new Set(),
      users: new Set(),
      kinds: new Set(),
      first: Infinity,
    };
    each.credits += interactions.credits[row];
    each.operations += interactions.operations[row];
    each.tenants.add(interactions.tenant[row]);
    each.users.add(interactions.user[row]);
    each.kinds.add(interactions.kind[row]);
    each.first = Math.min(each.first, data.dayOfBucket[interactions.bucket[row]]);
    found.set(id, each);
  }
  const name = (each) => data.interactionIds[each.id];
  const list = [...found.values()].sort((one, other) =>
    one.credits !== other.credits ? (one.credits < other.credits ? 1 : -1) : name(one) < name(other) ? -1 : 1,
  );
  const unlisted = data.interactionCount - data.interactionIds.length;
  say(
    "interactions-note",
    list.length ? `${plural(list.length, "interaction")}${unlisted > 0 ? " listed" : ""} in this selection` : "",
  );
  if (list.length === 0) {
    fill(
      "interactions",
      nothing(
        unlisted > 0 ? "None of the listed interactions is in this selection." : "No interaction in this selection.",
      ),
    );
    return;
  }
  const size = rowsShown("interactions", FIRST_INTERACTIONS);
  const shown = list.slice(0, size);
  const all = total(data, selection);
  const one = (interaction, set, members, dimension) => {
    if (set.size > 1) return make("span", { class: "muted" }, `${SEVERAL} (${set.size})`);
    const [member] = set;
    if (member === OTHERS) return make("span", { class: "muted" }, "not named here");
    const cell = memberCell(
      { ...members[member], ...(members[member].name ? { id: "", name: members[member].name } : {}) },
      () => choose({ [dimension]: member }),
    );
    return keepable(cell, "interactions", interaction, dimension);
  };
  const told = breadth();
  const wide = told === "wide";
  const id = (each) =>
    make("bdi", { class: "id whole", title: name(each), "data-interaction": name(each) }, name(each));
  const tenant = (each) => (data.tenantOnly ? null : one(name(each), each.tenants, data.tenants, "tenant"));
  const user = (each) => one(name(each), each.users, data.users, "user");
  const kinds = (each) =>
    kindsCell(
      [...each.kinds]
        .map((kind) => kindName(data, kind))
        .sort()
        .join(", "),
    );
  const first = (each) => (data.byMonth ? shownMonth(each.first) : shownDay(each.first));
  const columns = [
    wide
      ? [["Interaction", "grow"], id]
      : [
          ["Interaction", "grow told"],
          (each) =>
            [
              make("div", { class: "names" }, tenant(each), user(each)),
              told === "narrow" ? null : kinds(each),
              id(each),
            ].filter(Boolean),
        ],
    wide && !data.tenantOnly ? [["Customer", "grow"], tenant] : null,
    wide ? [["User", "grow"], user] : null,
    wide ? [["Kinds"], kinds] : null,
    [[data.byMonth ? "First month" : "First day", "figure"], first],
    told === "narrow" ? null : [["Operations", "figure"], (each) => shownCount(each.operations)],
    [["Credits", "figure"], (each) => credits(each.credits, {}, placesFor(shown[0].credits))],
  ].filter(Boolean);
  const rows = shown.map((each) => columns.map(([, cell]) => cell(each)));
  const rest = all.credits - sumOf(shown.map((each) => each.credits));
  const restOperations = all.operations - shown.reduce((sum, each) => sum + each.operations, 0);
  const places = placesFor(shown[0].credits > rest ? shown[0].credits : rest);
  const restOf = {
    Operations: shownCount(restOperations),
    Credits: credits(rest, { id: "interactions-rest", "data-operations": restOperations }, places),
  };
  const foot = [["All other usage of this selection", ...columns.slice(1).map(([[heading]]) => restOf[heading] ?? "")]];
  const built = table(
    "The interactions that cost most",
    columns.map(([heading]) => heading),
    rows,
    foot,
  );
  built.classList.add("interactions");
  fitted(built, shown[0].credits > rest ? shown[0].credits : rest, places);
  fill("interactions", built, moreButton("interactions", list.length, size, MORE_RANKS, redraw));
}
