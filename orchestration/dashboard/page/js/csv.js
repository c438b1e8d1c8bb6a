// A table of the page as a CSV file, with all its rows and all places of its figures. The file is made in the browser.

import { NO_FIGURE } from "./decimals.js";
import { make } from "./elements.js";

const FIGURE = /^[+−-]?[\d.,]+( %)?$/u;

// The words of a cell: exact figures in place of rounded ones, and neither ids nor what only the eye needs.
function wordsOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return [node.textContent.trim()];
  if (node.dataset?.exact !== undefined) return [node.dataset.exact];
  if (node.matches?.(".id:not(.whole)")) return [];
  if (node.tagName === "BDI") return [node.textContent];
  return [...node.childNodes].flatMap(wordsOf);
}

function idOf(cell) {
  return cell.querySelector("[data-id]")?.dataset.id ?? cell.querySelector(".id:not(.whole)")?.textContent ?? "";
}

export function rowsOf(table) {
  const body = [...table.querySelectorAll("tbody tr, tfoot tr")].map((row) => [...row.children]);
  const headings = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent);
  const withId = headings.map((_, n) => body.some((row) => idOf(row[n]) !== ""));
  const wide = (texts, ids) => texts.flatMap((text, n) => (withId[n] ? [ids[n], text] : [text]));
  return [
    wide(
      headings,
      headings.map((heading) => `${heading} id`),
    ),
    ...body.map((row) =>
      wide(
        row.map((cell) => wordsOf(cell).filter(Boolean).join(" ")),
        row.map(idOf),
      ),
    ),
  ];
}

// A text that a spreadsheet would take for a formula stays a text.
function field(text) {
  if (text === NO_FIGURE) return "";
  const inert = /^[=+\-@\t\r]/.test(text) && !FIGURE.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

export function csvOf(rows) {
  return `\ufeff${rows.map((row) => `${row.map(field).join(",")}\r\n`).join("")}`;
}

export function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
