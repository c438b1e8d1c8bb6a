// Elements of the page. Text always becomes a text node, so any name is shown and never run.

import { exactText, shownCount, shownCredits } from "./decimals.js";
import { keepable } from "./focus.js";

// Characters that reverse a text, hide in it or break its line are shown by their code. Scripts and emoji need joiners.
const UNSEEN =
  // eslint-disable-next-line no-misleading-character-class -- each is meant by itself
  /[\p{Cc}\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

export function visible(text) {
  return String(text).replace(
    UNSEEN,
    (letter) => `⟨U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
}

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "width") element.style.setProperty("--width", value);
    else element.setAttribute(name, value === true ? "" : name === "title" ? visible(value) : value);
  }
  const shown = children.flat().filter((child) => child !== null && child !== undefined && child !== false);
  element.append(...shown.map((child) => (child instanceof Node ? child : visible(child))));
  return element;
}

// A name of several words without blanks may break after each word.
export function breakable(text) {
  return text.split(/(?<=[_.-])/u).flatMap((word, n) => (n ? [make("wbr"), word] : [word]));
}

export function byId(id) {
  return document.getElementById(id);
}

export function say(id, text) {
  byId(id).textContent = visible(text);
}

export function fill(id, ...children) {
  const place = typeof id === "string" ? byId(id) : id;
  place.replaceChildren(
    ...children
      .flat()
      .filter(Boolean)
      .map((child) => (child instanceof Node ? child : visible(child))),
  );
  return place;
}

// A figure that is shown rounded, and with all its places when the reader points at it.
export function credits(value, attributes = {}, places = 2) {
  const exact = exactText(value);
  return make(
    "span",
    { class: "figure", "data-exact": exact, title: `${exact} credits`, ...attributes },
    shownCredits(value, places),
  );
}

// A column of credits is as wide as its longest figure, which is the sum at its foot.
export function fitted(built, sum, places) {
  built.style.setProperty("--digits", String(shownCredits(sum, places).length));
  return built;
}

export function csvButton(list, title) {
  return make("button", { type: "button", class: "csv", "data-csv": list, "aria-label": `${title} as CSV` }, "CSV");
}

export function nothing(text, more) {
  return make("p", { class: "nothing" }, text, more ? " " : null, more);
}

// Columns: [heading, "figure" or undefined]. Cells: nodes or texts.
// The first cell that is not a rank is the heading of the row.
export function table(caption, columns, rows, foot) {
  const named = columns.findIndex(([, kind]) => kind !== "rank");
  const cellsOf = (row) =>
    row.map((cell, n) =>
      make(n === named ? "th" : "td", { class: columns[n][1], scope: n === named ? "row" : null }, cell),
    );
  return make(
    "table",
    {},
    make("caption", { class: "visually-hidden" }, caption),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        columns.map(([name, kind]) => make("th", { scope: "col", class: kind }, name)),
      ),
    ),
    make(
      "tbody",
      {},
      rows.map((row) => make("tr", {}, cellsOf(row))),
    ),
    foot
      ? make(
          "tfoot",
          {},
          foot.map((row) => make("tr", {}, cellsOf(row))),
        )
      : null,
  );
}

// The first rows of a long list, and a button for more. Lists keep their length when filters change.
const shownRows = new Map();

export function moreButton(name, total, shown, step, redraw) {
  if (total <= shown) return null;
  const more = Math.min(step, total - shown);
  const show = () => {
    shownRows.set(name, shown + more);
    redraw();
  };
  return keepable(
    make(
      "button",
      { type: "button", class: "quiet more", "data-list": name, onclick: show },
      `Show ${shownCount(more)} more of ${shownCount(total)}`,
    ),
    "more",
    name,
  );
}

let isWhole = false;

export function rowsShown(name, first) {
  return isWhole ? Infinity : (shownRows.get(name) ?? first);
}

// Lists have all their rows, and a column for each figure, while `work` is done.
export function withWholeLists(redraw, work) {
  isWhole = true;
  try {
    redraw();
    return work();
  } finally {
    isWhole = false;
    redraw();
  }
}

export function areListsWhole() {
  return isWhole;
}
