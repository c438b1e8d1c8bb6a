import assert from "node:assert/strict";
import test from "node:test";
import { dayOf, isoDay, monthEnd, monthStart, monthsBetween, weekday } from "../js/dates.js";

test("a day is a whole number that no time zone moves", () => {
  for (const text of ["1970-01-01", "2024-02-29", "2026-12-31"]) assert.equal(isoDay(dayOf(text)), text);
});

test("months begin and end where the calendar says", () => {
  assert.equal(isoDay(monthStart(dayOf("2024-03-15"), -1)), "2024-02-01");
  assert.equal(isoDay(monthEnd(dayOf("2024-03-15"), -1)), "2024-02-29");
  assert.equal(monthsBetween(dayOf("2025-11-30"), dayOf("2026-02-01")), 3);
});

test("weeks begin on Monday", () => {
  assert.equal(weekday(dayOf("2026-11-30")), 0);
});
