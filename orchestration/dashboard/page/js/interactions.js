// The most expensive interactions in the selection, among those that the page lists.

import { breadth, isNarrow } from "./charts.js";
import { OTHERS, memberCell } from "./dataset.js";
import { shownDay, shownMonth } from "./dates.js";
import { placesFor, plural, shownCount } from "./decimals.js";
import { breakable, credits, fill, fitted, make, moreButton, nothing, rowsShown, say, table } from "./elements.js";
import { keepable } from "./focus.js";
import { kindName } from "./over_time.js";
import { MORE_RANKS } from "./ranking.js";
import { chosenRows, sumOf, total } from "./sums.js";

const FIRST_INTERACTIONS = 10;
const FIRST_INTERACTIONS_NARROW = 5;
const SEVERAL = "several";

function kindsCell(text) {
  return make("bdi", { class: "name several muted", title: text }, breakable(text));
}

export function drawInteractions(data, selection, choose, redraw) {
  const { interactions } = data;
  const found = new Map();
  for (const row of chosenRows(data, interactions, selection)) {
    const id = interactions.interaction[row];
    const listed = found.get(id) ?? {
      id,
      credits: 0n,
      operations: 0,
      tenants: new Set(),
      users: new Set(),
      kinds: new Set(),
      first: Infinity,
    };
    listed.credits += interactions.credits[row];
    listed.operations += interactions.operations[row];
    listed.tenants.add(interactions.tenant[row]);
    listed.users.add(interactions.user[row]);
    listed.kinds.add(interactions.kind[row]);
    listed.first = Math.min(listed.first, data.dayOfBucket[interactions.bucket[row]]);
    found.set(id, listed);
  }
  const name = (listed) => data.interactionIds[listed.id];
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
  const size = rowsShown("interactions", isNarrow() ? FIRST_INTERACTIONS_NARROW : FIRST_INTERACTIONS);
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
  const width = breadth();
  const wide = width === "wide";
  const id = (listed) =>
    make("bdi", { class: "id whole", title: name(listed), "data-interaction": name(listed) }, name(listed));
  const tenant = (listed) => (data.tenantOnly ? null : one(name(listed), listed.tenants, data.tenants, "tenant"));
  const user = (listed) => one(name(listed), listed.users, data.users, "user");
  const kinds = (listed) =>
    kindsCell(
      [...listed.kinds]
        .map((kind) => kindName(data, kind))
        .sort()
        .join(", "),
    );
  const first = (listed) => (data.byMonth ? shownMonth(listed.first) : shownDay(listed.first));
  const columns = [
    wide
      ? [["Interaction", "grow"], id]
      : [
          ["Interaction", "grow combined"],
          (listed) =>
            [
              make("div", { class: "names" }, tenant(listed), user(listed)),
              width === "narrow" ? null : kinds(listed),
              id(listed),
            ].filter(Boolean),
        ],
    wide && !data.tenantOnly ? [["Customer", "grow"], tenant] : null,
    wide ? [["User", "grow"], user] : null,
    wide ? [["Kinds"], kinds] : null,
    [[data.byMonth ? "First month" : "First day", "figure"], first],
    width === "narrow" ? null : [["Operations", "figure"], (listed) => shownCount(listed.operations)],
    [["Credits", "figure"], (listed) => credits(listed.credits, {}, placesFor(shown[0].credits))],
  ].filter(Boolean);
  const rows = shown.map((listed) => columns.map(([, cell]) => cell(listed)));
  const rest = all.credits - sumOf(shown.map((listed) => listed.credits));
  const restOperations = all.operations - shown.reduce((sum, listed) => sum + listed.operations, 0);
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
