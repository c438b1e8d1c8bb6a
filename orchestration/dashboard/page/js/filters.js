// The row of filters. They are plain form controls, so keyboard, touch and screen readers work as in the browser.

import { OTHERS, labelOf } from "./dataset.js";
import { dayOf, isDay, isoDay } from "./dates.js";
import { byId, fill, make, visible } from "./elements.js";
import { datedPeriod, defaultSelection, listOf, presetPeriod, presets } from "./selection.js";

const LONGEST_OPTION = 60;

function shortened(text) {
  const letters = Array.from(visible(text));
  return letters.length > LONGEST_OPTION ? `${letters.slice(0, LONGEST_OPTION - 1).join("")}…` : letters.join("");
}

export function buildFilters(data, choose, tell) {
  const preset = (name) => choose({ preset: name, ...presetPeriod(data, name) });
  const buttons = presets(data).map(([name, text]) =>
    make("button", { type: "button", "data-preset": name, "aria-pressed": "false", onclick: () => preset(name) }, text),
  );
  const date = (name, text) =>
    make(
      "label",
      {},
      make("span", {}, text),
      make("input", {
        type: "date",
        id: name,
        required: true,
        min: isoDay(data.first),
        max: isoDay(data.last),
        ...whenDated(() => chooseDates(data, choose, tell)),
      }),
    );
  const list = (name, text) =>
    make(
      "label",
      {},
      make("span", {}, text),
      make("select", {
        id: name,
        onchange: (event) => choose({ [name]: event.target.value === "" ? null : Number(event.target.value) }),
      }),
    );
  fill(
    "filter-row",
    make("div", { class: "presets", role: "group", "aria-label": "Period" }, buttons),
    make(
      "div",
      { class: "fields" },
      date("from", "From"),
      date("to", "To"),
      data.tenantOnly ? null : list("tenant", "Customer"),
      list("user", "User"),
      list("kind", "Kind"),
      make(
        "button",
        { type: "button", id: "reset", class: "quiet", onclick: () => choose(defaultSelection(data)) },
        "Reset",
      ),
    ),
  );
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
}

// While a year is typed, each of its digits makes a date. So a typed date takes effect with Enter, or when the field
// loses the focus; a date from the browser's calendar takes effect at once.
function whenDated(take) {
  let typing = false;
  const taken = () => {
    typing = false;
    take();
  };
  return {
    onkeydown: ({ key }) => (key === "Enter" ? taken() : (typing ||= key !== "Tab")),
    onchange: () => typing || taken(),
    onblur: () => typing && taken(),
  };
}

function chooseDates(data, choose, tell) {
  const fields = [byId("from"), byId("to")];
  for (const field of fields) if (!isDay(field.value)) field.value = field.dataset.chosen;
  if (fields.every((field) => field.value === field.dataset.chosen)) return;
  const [from, to] = fields.map((field) => dayOf(field.value));
  if (from > to) {
    tell("From is later than To: nothing has changed yet.");
    return;
  }
  const { period, notes } = datedPeriod(data, from, to);
  if (period) choose({ preset: null, ...period }, notes);
  else tell(...notes);
}

function options(data, dimension, members, chosen, every) {
  const named = members
    .filter((member) => member !== OTHERS)
    .map((member) => [member, labelOf(listOf(data, dimension)[member])])
    .sort((one, other) => one[1].localeCompare(other[1], "en") || one[0] - other[0]);
  const option = (value, text) => {
    const element = make("option", { value }, shortened(text));
    element.selected = String(value) === String(chosen ?? "");
    return element;
  };
  return [option("", every), ...named.map(([member, text]) => option(member, text))];
}

export function showFilters(data, selection) {
  for (const button of document.querySelectorAll("[data-preset]")) {
    button.setAttribute("aria-pressed", String(button.dataset.preset === selection.preset));
  }
  for (const name of ["from", "to"]) byId(name).value = byId(name).dataset.chosen = isoDay(selection[name]);
  const { cells } = data;
  const users = new Set();
  for (let row = 0; row < cells.rows; row += 1) {
    if (selection.tenant === null || cells.tenant[row] === selection.tenant) users.add(cells.user[row]);
  }
  if (selection.user !== null) users.add(selection.user);
  if (byId("tenant"))
    fill("tenant", options(data, "tenant", [...new Set(cells.tenant)], selection.tenant, "All customers"));
  fill("user", options(data, "user", [...users], selection.user, "All users"));
  fill("kind", options(data, "kind", [...new Set(cells.kind)], selection.kind, "All kinds"));
}

// Another customer with the same user would show nothing, so the user is cleared with the customer.
export function keptTogether(data, selection) {
  if (selection.tenant === null || selection.user === null) return selection;
  const { cells } = data;
  for (let row = 0; row < cells.rows; row += 1) {
    if (cells.tenant[row] === selection.tenant && cells.user[row] === selection.user) return selection;
  }
  return { ...selection, user: null };
}
