import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestOf } from "../../../test/routing/views.ts";
import { ActiveChunks, Books } from "./books.ts";
import { ChunkHolders } from "./holders.ts";
import { LearntPrefixes } from "./learnt-prefixes.ts";

const replicas = 70;
const step = fc.record({
  add: fc.boolean(),
  replica: fc.integer({ min: 0, max: replicas - 1 }),
  chunk: fc.integer({ min: 0, max: 12 }),
});

/** Leading chunks that are all in a set. */
function leading(chunks: readonly number[], held: (chunk: number) => boolean): number {
  const miss = chunks.findIndex((chunk) => !held(chunk));
  return miss < 0 ? chunks.length : miss;
}

describe("holders of chunks", () => {
  it("match as sets do, whatever is added and removed", () => {
    const prompts = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), prompts, (steps, asked) => {
        const holders = new ChunkHolders();
        const sets = Array.from({ length: replicas }, () => new Set<number>());
        for (const { add, replica, chunk } of steps) {
          if (add) holders.add(chunk, replica);
          else holders.remove(chunk, replica);
          if (add) sets[replica]?.add(chunk);
          else sets[replica]?.delete(chunk);
        }
        expect(holders.size).toBe(new Set(sets.flatMap((set) => [...set])).size);
        for (const prompt of asked) {
          const matched = new Int32Array(replicas).fill(9);
          holders.match(Int32Array.from(prompt), prompt.length, matched);
          expect([...matched]).toEqual(sets.map((set) => leading(prompt, (chunk) => set.has(chunk))));
        }
      }),
    );
  });
});

describe("learnt prefixes", () => {
  const sends = fc.array(
    fc.record({ replica: fc.integer({ min: 0, max: 3 }), start: fc.integer({ min: 0, max: 5 }), gap: fc.nat(4) }),
    { maxLength: 40 },
  );
  const shapes = fc.record({
    capacity: fc.integer({ min: 0, max: 9 }),
    scope: fc.constantFrom<"replica" | "fleet">("replica", "fleet"),
    forgets: fc.constantFrom<"first" | "last">("first", "last"),
    lifetime: fc.constantFrom(Number.POSITIVE_INFINITY, 3),
  });

  it("remember the latest, as a plain list of recency does", () => {
    fc.assert(
      fc.property(sends, shapes, (all, shape) => {
        const learnt = new LearntPrefixes(shape);
        // Least recent first; holders of each.
        const lists = Array.from({ length: 4 }, () => new Map<number, { at: number; by: Set<number> }>());
        let now = 0;
        for (const { replica, start, gap } of all) {
          now += gap;
          const chunks = Int32Array.from([start, start + 10, start + 20]);
          learnt.insert(replica, chunks, 3, now);
          const list = lists[shape.scope === "fleet" ? 0 : replica]!;
          for (const chunk of shape.forgets === "last" ? [...chunks].reverse() : chunks) {
            const by = list.get(chunk)?.by ?? new Set();
            list.delete(chunk);
            list.set(chunk, { at: now, by: by.add(replica) });
          }
          while (list.size > shape.capacity) list.delete([...list.keys()][0]!);
        }
        const matched = new Int32Array(4);
        for (let start = 0; start < 6; start++) {
          const prompt = [start, start + 10, start + 20];
          learnt.match(Int32Array.from(prompt), 3, now, matched);
          const expected = [0, 1, 2, 3].map((replica) =>
            leading(prompt, (chunk) => {
              const entry = lists[shape.scope === "fleet" ? 0 : replica]!.get(chunk);
              return entry?.by.has(replica) === true && entry.at + shape.lifetime >= now;
            }),
          );
          expect([...matched]).toEqual(expected);
        }
      }),
    );
  });

  it("forget a replica that was lost, and nothing of the others", () => {
    for (const scope of ["replica", "fleet"] as const) {
      const learnt = new LearntPrefixes({ capacity: 100, scope, lifetime: 100, forgets: "last" });
      for (const replica of [0, 1]) learnt.insert(replica, Int32Array.of(1, 2, 3), 3, replica);
      learnt.reset(0);
      const matched = new Int32Array(2);
      learnt.match(Int32Array.of(1, 2, 3), 3, 2, matched);
      expect([...matched]).toEqual([0, 3]);
    }
  });
});

describe("a router's books", () => {
  it("return to zero once everything has ended, in whatever order", () => {
    const events = fc.array(
      fc.record({ id: fc.nat(9), what: fc.constantFrom("enter", "answer", "end"), by: fc.nat(3) }),
    );
    fc.assert(
      fc.property(events, (all) => {
        const books = new Books();
        const active = new ActiveChunks();
        const open = new Map<number, { by: number; waits: boolean }>();
        for (const { id, what, by } of all) {
          if (what === "enter") {
            books.enter(id, { replica: by, prefill: 0.1 * (id + 1), weight: 0.3 });
            active.enter(requestOf(id, { chunks: [1, 2, 10 + id] }), by);
            open.set(id, { by, waits: true });
          } else if (what === "answer") {
            books.firstToken(id);
            const entry = open.get(id);
            if (entry !== undefined) entry.waits = false;
          } else {
            books.leave(id);
            active.leave(id);
            open.delete(id);
          }
          for (const replica of [0, 1, 2, 3]) {
            const own = [...open].filter(([, entry]) => entry.by === replica);
            expect(books.of(replica).requests).toBe(own.length);
            expect(books.of(replica).waiting).toBe(own.filter(([, entry]) => entry.waits).length);
            expect(active.count(replica)).toBe(own.length === 0 ? 0 : own.length + 2);
          }
        }
        for (const id of open.keys()) {
          books.leave(id);
          active.leave(id);
        }
        for (const replica of [0, 1, 2, 3]) {
          expect(books.of(replica)).toEqual({ requests: 0, waiting: 0, prefill: 0, weight: 0 });
          expect(active.count(replica)).toBe(0);
        }
      }),
    );
  });
});
