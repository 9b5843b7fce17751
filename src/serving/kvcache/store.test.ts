import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFile } from "../../../test/shared.ts";
import { Simulation } from "../../simulation/index.ts";
import type { RequestList } from "../../workload/request/list.ts";
import { asRecorded, readRequests, requestFormats } from "../../workload/request/reader/index.ts";
import { prefixReuse } from "../../workload/request/reuse.ts";
import { type Eviction, Store } from "./store.ts";

function store(blocks: number, eviction: Eviction = { order: "lru" }, clock = new Simulation()): Store {
  return new Store({ blocks, eviction, clock });
}

/** Uses a content: it is there from now on, the newest. Says whether it was there. */
function use(held: Store, key: number): boolean {
  const place = held.find(key);
  if (place !== -1) held.touch(place);
  else held.fill(held.reserve(key, []));
  return place !== -1;
}

/** The plainest model: keys in order of use. */
class Plain {
  readonly order: number[] = [];
  private readonly blocks: number;
  private readonly fifo: boolean;

  constructor(blocks: number, fifo: boolean) {
    this.blocks = blocks;
    this.fifo = fifo;
  }

  use(key: number): boolean {
    const place = this.order.indexOf(key);
    if (place !== -1 && this.fifo) return true;
    if (place !== -1) this.order.splice(place, 1);
    this.order.push(key);
    if (this.order.length > this.blocks) this.order.shift();
    return place !== -1;
  }
}

describe("a tier's store", () => {
  it("holds what the plainest model holds, in its order of eviction", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom("lru" as const, "fifo" as const),
        fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 300 }),
        (blocks, order, keys) => {
          const held = store(blocks, { order });
          const plain = new Plain(blocks, order === "fifo");
          for (const key of keys) expect(use(held, key)).toBe(plain.use(key));
          held.check();
          for (let key = 0; key <= 80; key++) expect(held.has(key)).toBe(plain.order.includes(key));
        },
      ),
    );
  });

  it("grows to its size and finds everything", () => {
    const held = store(5000);
    for (let key = 0; key < 6000; key++) use(held, 7 * key);
    held.check();
    expect(held.count).toBe(5000);
    expect(held.evicted).toBe(1000);
    for (let key = 0; key < 6000; key++) expect(held.find(7 * key) !== -1).toBe(key >= 1000);
  });

  it("lets nothing leave that is read or arrives, and finds nothing before it is there", () => {
    const held = store(2);
    const evicted: number[] = [];
    const arriving = held.reserve(1, evicted);
    expect(held.find(1)).toBe(-1);
    expect(held.has(1)).toBe(true);
    use(held, 2);
    held.hold(held.find(2));
    expect(held.reserve(3, evicted)).toBe(-1);
    held.release(held.find(2));
    expect(held.reserve(3, evicted)).not.toBe(-1);
    expect(evicted).toEqual([2]);
    held.fill(arriving);
    expect(held.find(1)).not.toBe(-1);
    expect(() => held.release(held.find(1))).toThrow("released twice");
    held.check();
  });

  it("forgets what was not used for its time to live", () => {
    const clock = new Simulation();
    const held = store(10, { order: "ttl", timeToLive: 5 }, clock);
    use(held, 1);
    use(held, 2);
    clock.run(3);
    use(held, 1);
    clock.run(4.9);
    expect(held.has(2)).toBe(true);
    clock.run(5);
    expect(held.has(2)).toBe(false);
    expect(held.has(1)).toBe(true);
    clock.run(8);
    expect(held.count).toBe(0);
    expect(held.expired).toBe(2);
    held.check();
  });

  it("refuses a size that is none", () => {
    expect(() => store(0)).toThrow("a store of 0 blocks");
    expect(() => store(1.5)).toThrow("a store of 1.5 blocks");
  });
});

/** Share of chunks found as an unbroken prefix, chunks used in the prompt's order. */
function reuse(list: RequestList, blocks: number): number {
  const held = store(blocks);
  let [asked, found] = [0, 0];
  for (let row = 0; row < list.count; row++) {
    const [from, to] = [list.idStart[row]!, list.idStart[row + 1]!];
    let unbroken = true;
    for (let at = from; at < to; at++) {
      unbroken = use(held, list.ids[at]!) && unbroken;
      if (unbroken) found += 1;
    }
    asked += to - from;
  }
  held.check();
  return found / asked;
}

describe.runIf(hasShared())("the Mooncake traces", () => {
  // README of the data: LRU, inserted on use, blocks of 512 tokens touched in the prompt's order.
  const stated = {
    conversation: { 1000: 4.45, 3000: 6.5, 10000: 21.12, 30000: 32.57, 50000: 35.46, 200000: 36.64 },
    synthetic: { 1000: 8.25, 3000: 18.78, 10000: 42.35, 30000: 62.42, 50000: 63.96, 200000: 63.96 },
  };
  for (const [name, curve] of Object.entries(stated)) {
    it(`${name}: a store's hit rates are those of the reference curve`, () => {
      const bytes = readFileSync(sharedFile(`data/inference/mooncake/${name}_trace.jsonl.gz`));
      const file = { name, text: gunzipSync(bytes).toString() };
      const { list } = readRequests(requestFormats.get("mooncake"), [file], asRecorded);
      for (const [blocks, percent] of Object.entries(curve)) {
        const share = reuse(list, Number(blocks));
        expect(Math.abs(100 * share - percent)).toBeLessThanOrEqual(0.01);
        expect(share).toBe(prefixReuse(list, Number(blocks)).share);
      }
    });
  }
});
