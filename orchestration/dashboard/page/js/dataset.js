// The page's figures: columns of text, turned into arrays.

import { dayOf } from "./dates.js";
import { amountOf, exactOf } from "./decimals.js";
import { byId, make } from "./elements.js";

export const OTHERS = -1; // members of a large version that are not named in the page
export const UNMAPPED = "(unmapped)";

// Turns the text of a column into values, by the column's kind.
const VALUES_OF = {
  exact: (texts) => texts.map(exactOf),
  amount: (texts) => texts.map(amountOf),
  count: (texts) => texts.map(Number),
  place: (texts) => Int32Array.from(texts, (text) => (text === "" ? OTHERS : Number(text))),
};

function columnsOf(source) {
  const columns = { rows: source.rows };
  for (const [kind, valuesOf] of Object.entries(VALUES_OF)) {
    for (const [name, text] of Object.entries(source[kind])) {
      // A column with one row without a name is an empty text, and differs from a column without rows.
      columns[name] = source.rows === 0 ? [] : valuesOf(text.split(" "));
      if (columns[name].length !== source.rows) throw new Error(`the column ${name} is not whole`);
    }
  }
  return columns;
}

export function readDataset() {
  const source = JSON.parse(byId("data").textContent);
  if (source.format !== 4) throw new Error(`its figures have the format ${source.format}, which it can't read`);
  const data = { ...source };
  const lists = [
    "cells",
    "days",
    "others",
    "interactions",
    "quotas",
    "unreported",
    "missing",
    "coverage",
    "reconciliation",
    "costs",
    "dimensions",
    "balances",
    "alerts",
  ];
  for (const name of lists) data[name] = columnsOf(source[name]);
  data.dayOfBucket = Int32Array.from(source.buckets, dayOf);
  data.byMonth = source.grain === "month";
  for (const name of ["tenants", "users", "kinds"])
    data[name] = source[name].map(([id, label]) => ({ id, name: label ?? null }));
  for (const name of ["tenants", "users"]) noteSharedNames(data[name]);
  for (const name of ["cells", "days"]) {
    const held = data[name];
    if (name === "days" && !data.byMonth) continue;
    const sum = held.credits.reduce((total, value) => total + value, 0n);
    const operations = held.operations.reduce((total, value) => total + value, 0);
    if (sum !== exactOf(source.total.credits) || operations !== source.total.operations) {
      throw new Error("its figures do not add up to their total");
    }
  }
  // The first and the last day with usage, for a large version too, since its last month may not be over.
  const used = Array.from(
    new Set((data.byMonth ? data.days : data.cells).bucket),
    (bucket) => data.dayOfBucket[bucket],
  ).sort((one, other) => one - other);
  data.first = used.length ? used[0] : null;
  data.last = used.length ? used.at(-1) : null;
  // Unmapped usage has this id in the fact, so the cells don't need user_source and tenant_source.
  data.unmappedTenant = data.tenants.findIndex((tenant) => tenant.id === UNMAPPED);
  data.unmappedUser = data.users.findIndex((user) => user.id === UNMAPPED);
  data.namedDays = new Set(data.days.tenant);
  return data;
}

export function labelOf(member) {
  return member.name ?? member.id;
}

// Several members may have one name: only with their ids can they be told apart.
function noteSharedNames(members) {
  const named = new Map();
  for (const { name } of members) if (name !== null) named.set(name, (named.get(name) ?? 0) + 1);
  for (const member of members) member.isAmbiguous = named.get(member.name) > 1;
}

// A name, and the id below it if they differ; a button if it can be chosen as a filter. The style sheet hides the id
// until it is asked for, unless the name is another's too.
export function memberCell(member, choose) {
  const special = member.id === UNMAPPED && member.name === null;
  const name = make(
    "bdi",
    {
      class: special ? "name special" : "name",
      title: member.name === null ? member.id : `${member.name} (${member.id})`,
    },
    labelOf(member),
  );
  const id =
    member.name === null
      ? null
      : make("bdi", { class: member.isAmbiguous ? "id needed" : "id", title: member.id }, member.id);
  return choose
    ? make("button", { type: "button", class: "member", onclick: choose }, name, id)
    : make("span", { class: "member" }, name, id);
}
