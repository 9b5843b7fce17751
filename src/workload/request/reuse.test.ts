import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { describeRequests } from "./describe.ts";
import { generateRequests } from "./generate.ts";
import { type RequestList, RequestListBuilder } from "./list.ts";
import { prefixReuse } from "./reuse.ts";

/** Random chains: each row goes down a tree of prefixes, from which it turns off at random. */
function randomList(seed: number, rows = 200): RequestList {
  const stream = random(seed).stream("test");
  const builder = new RequestListBuilder({ chunkTokens: 8 });
  const earlier: number[][] = [];
  let fresh = 0;
  for (let row = 0; row < rows; row++) {
    const from = earlier.length > 0 && stream.uniform() < 0.8 ? stream.choice(earlier) : [];
    const ids = from.slice(0, stream.integer(from.length + 1));
    for (let more = stream.integer(12); more >= 0; more--) ids.push(fresh++);
    earlier.push(ids);
    const input = 8 * ids.length - stream.integer(8);
    builder.add({ release: row, input, output: 8, ids, covered: input });
  }
  return builder.done();
}

/** The same cache as a plain list, oldest first. */
function naiveReuse(list: RequestList, capacity: number): number {
  const cache: number[] = [];
  let reused = 0;
  for (let row = 0; row < list.count; row++) {
    let broken = false;
    for (const id of list.ids.subarray(list.idStart[row], list.idStart[row + 1])) {
      const place = cache.indexOf(id);
      broken ||= place < 0;
      if (!broken) reused += 1;
      if (place >= 0) cache.splice(place, 1);
      cache.push(id);
      if (cache.length > capacity) cache.shift();
    }
  }
  return reused;
}

describe("prefix reuse", () => {
  it.each([1, 2, 3, 4, 5, 6])("is that of a plain list of the least recently used (seed %i)", (seed) => {
    const list = randomList(seed);
    for (const capacity of [1, 2, 7, 20, 60, 200, 1e6]) {
      expect(prefixReuse(list, capacity).reused).toBe(naiveReuse(list, capacity));
    }
  });

  it("grows with the cache up to what is not new", () => {
    const list = randomList(7, 400);
    const all = prefixReuse(list);
    let last = 0;
    for (const capacity of [5, 20, 80, 320, 1280]) {
      const { reused } = prefixReuse(list, capacity);
      expect(reused).toBeGreaterThanOrEqual(last);
      last = reused;
    }
    expect(all.reused).toBe(all.chunks - all.uniqueChunks);
    expect(() => prefixReuse(list, 0)).toThrow("cache of 0");
  });

  it("counts prompts only, though outputs fill the cache", () => {
    const builder = new RequestListBuilder({ chunkTokens: 10 });
    builder.add({ release: 0, input: 20, output: 20, ids: [0, 1, 2, 3], covered: 40 });
    builder.add({ release: 1, input: 50, output: 5, ids: [0, 1, 2, 3, 4], covered: 50 });
    expect(prefixReuse(builder.done())).toEqual({ chunks: 7, reused: 4, share: 4 / 7, uniqueChunks: 5 });
  });

  it("of described sessions is what their turns repeat", () => {
    const constant = (value: number) => ({ kind: "constant", value }) as const;
    const list = generateRequests({
      seed: 1,
      arrival: { kind: "open", law: { kind: "poisson" }, stages: [{ rate: 1, duration: Number.POSITIVE_INFINITY }] },
      count: 50,
      classes: [
        { name: "chat", share: 1, priority: 0, timeout: 60, input: constant(320), output: constant(160), adapters: [] },
      ],
      session: { turns: constant(3), input: constant(160), pause: { law: "constant", mean: 1 } },
      chunkTokens: 16,
    });
    // Prompts of 320, 640 and 960 tokens; the second repeats 480 of the first, the third 800 of the second.
    expect(prefixReuse(list).share).toBeCloseTo((480 + 800) / (320 + 640 + 960), 12);
    const found = describeRequests(list);
    expect([found.requests, found.roots, found.sessions, found.pauseMean]).toEqual([150, 50, 50, 1]);
    expect(found.input).toEqual({ total: 96_000, mean: 640, p50: 640, p90: 960, p99: 960, max: 960 });
  });

  it("of nothing shared is none, and statistics of nothing are no numbers", () => {
    const empty = describeRequests(new RequestListBuilder().done());
    expect([empty.requests, empty.rate, empty.reuse.share]).toEqual([0, Number.NaN, 0]);
    const builder = new RequestListBuilder();
    builder.add({ release: 3, input: 5, output: 2 });
    const one = describeRequests(builder.done());
    expect([one.roots, one.duration, one.rate, one.gapVariation]).toEqual([1, 0, Number.NaN, Number.NaN]);
  });
});
