import assert from "node:assert/strict";
import test from "node:test";
import { divided, exactOf, exactText, shownChange, shownCredits, shownShare } from "../js/decimals.js";

test("a decimal text is kept to nine places and comes back as it was", () => {
  for (const text of ["0.000000001", "1012345677.123456788", "-12.500000000"])
    assert.equal(exactText(exactOf(text)), text);
  assert.equal(exactOf(""), 0n);
});

test("sums of decimals are exact", () => {
  assert.equal(exactText(exactOf("0.1") + exactOf("0.2")), "0.300000000");
});

test("a division rounds half away from zero", () => {
  assert.deepEqual([divided(5n, 2n), divided(-5n, 2n), divided(4n, 3n)], [3n, -3n, 1n]);
});

test("shown credits are rounded, and what is less than shown says so", () => {
  assert.equal(shownCredits(exactOf("1234567.895")), "1,234,567.90");
  assert.equal(shownCredits(exactOf("0.001")), "<0.01");
  assert.equal(shownCredits(exactOf("-0.001")), ">−0.01");
});

test("a share is all or nothing only where it is exactly that", () => {
  assert.equal(shownShare(999_999n, 1_000_000n), ">99.9 %");
  assert.equal(shownShare(1n, 1_000_000n), "<0.1 %");
  assert.equal(shownShare(1n, 1n), "100 %");
  assert.equal(shownShare(1n, 0n), "–");
});

test("a change on nothing is new", () => {
  assert.equal(shownChange(5n, 0n), "new");
  assert.equal(shownChange(110n, 100n), "+10.0 %");
  assert.equal(shownChange(1200n, 100n), "× 12");
});
