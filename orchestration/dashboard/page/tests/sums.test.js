import assert from "node:assert/strict";
import test from "node:test";
import { dayOf } from "../js/dates.js";
import { OTHERS } from "../js/dataset.js";
import { byMember, inPieces, ranked, sumOf, total } from "../js/sums.js";

// Three days; customers a, b and the unmapped one; users u and the unmapped one; one kind.
const DATA = {
  byMonth: false,
  dayOfBucket: Int32Array.from(["2026-01-01", "2026-01-02", "2026-01-03"], dayOf),
  tenants: [{ id: "a" }, { id: "b" }, { id: "(unmapped)" }],
  users: [{ id: "u" }, { id: "(unmapped)" }],
  kinds: [{ id: "stream" }],
  unmappedTenant: 2,
  unmappedUser: 1,
  cells: {
    rows: 4,
    bucket: [0, 1, 1, 2],
    tenant: [0, 0, 1, 2],
    user: [0, 0, 1, 1],
    kind: [0, 0, 0, 0],
    credits: [1n, 2n, 4n, 8n],
    operations: [1, 1, 1, 1],
    estimated: [0n, 2n, 0n, 0n],
  },
};
const ALL = { from: dayOf("2026-01-01"), to: dayOf("2026-01-03"), tenant: null, user: null, kind: null };

test("the total holds every cell of the period, and says what has no owner", () => {
  const sums = total(DATA, ALL);
  assert.deepEqual([sums.credits, sums.operations, sums.estimated, sums.unmapped], [15n, 4, 2n, 12n]);
  assert.deepEqual([sums.tenants.size, sums.users.size], [2, 1]);
});

test("a period takes its own days alone", () => {
  assert.equal(total(DATA, { ...ALL, to: dayOf("2026-01-01") }).credits, 1n);
});

test("the sums over members add up to the total, whatever is chosen", () => {
  for (const dimension of ["tenant", "user", "kind"]) {
    for (const tenant of [null, 0, 1, 2]) {
      const selection = { ...ALL, tenant };
      const sums = [...byMember(DATA, dimension, selection).values()].map((sum) => sum.credits);
      assert.equal(sumOf(sums), total(DATA, selection).credits);
    }
  }
});

test("a ranking goes by credits; who used something before stands last but the unnamed", () => {
  const now = new Map([
    [OTHERS, { credits: 9n, operations: 1 }],
    [0, { credits: 1n, operations: 1 }],
    [1, { credits: 3n, operations: 1 }],
  ]);
  const before = new Map([[2, { credits: 5n, operations: 1 }]]);
  assert.deepEqual(
    ranked(DATA, "tenant", now, before).map(([member]) => member),
    [1, 0, 2, OTHERS],
  );
});

test("days fall into the pieces that hold them", () => {
  const days = new Map([
    [1, new Map([[0, 1n]])],
    [2, new Map([[0, 2n]])],
    [9, new Map([[0, 4n]])],
  ]);
  const pieces = inPieces(days, [{ from: 1, to: 2 }, null, { from: 3, to: 4 }]);
  assert.deepEqual(
    pieces.map((piece) => piece.get(0)),
    [3n, undefined, undefined],
  );
});
