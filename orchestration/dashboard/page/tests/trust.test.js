import assert from "node:assert/strict";
import { test } from "node:test";

import { age } from "../js/trust.js";

test("an age is said in hours for two days, then in whole days", () => {
  const now = Date.parse("2026-11-30T12:00:00Z");
  assert.equal(age("2026-11-30T11:00:01Z", now), "within the hour");
  assert.equal(age("2026-11-30T11:00:00Z", now), "1 h ago");
  assert.equal(age("2026-11-28T12:00:01Z", now), "47 h ago");
  assert.equal(age("2026-10-31T10:00:00Z", now), "30 days ago");
  assert.equal(age("2026-11-30T13:00:00Z", now), "within the hour");
});
