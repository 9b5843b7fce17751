/** Published formulas and defaults, by hand. */

import { describe, expect, it } from "vitest";
import { BookedFleet, contextOf, indexOf, requestOf, viewOf, viewsOf } from "../../../test/routing/views.ts";
import { RandomStream } from "../../base/random.ts";
import { drawByCost, dynamoLogit } from "./dynamo.ts";
import { routingPolicies, routingPolicy } from "./index.ts";
import { valuesOf } from "./parameter.ts";

const chain = (count: number, from = 0): number[] => Array.from({ length: count }, (_, at) => from + at);

function defaultsOf(name: string): Readonly<Record<string, number | string>> {
  return valuesOf(routingPolicies.get(name).parameters);
}

describe("Dynamo", () => {
  const weights = {
    overlapCredit: 1,
    creditDecay: 0,
    hostCredit: 0.75,
    diskCredit: 0.25,
    sharedCredit: 0,
    prefillScale: 1,
    requestWeight: 0,
  };
  const load = {
    raw: 100,
    device: 30,
    host: 8,
    disk: 4,
    shared: 10,
    backlog: 50,
    requestBlocks: 25,
    decodeBlocks: 12,
    activeRequests: 3,
  };

  it("has the published defaults", () => {
    expect(defaultsOf("dynamo")).toEqual({
      ...weights,
      index: "events",
      temperature: 0,
      lifetime: 120,
      queueThreshold: 16,
    });
  });

  it("costs what its formula says", () => {
    // 100 - (30 + 0.75 x 8 + 0.25 x 4) + 12
    expect(dynamoLogit(load, weights)).toBe(75);
    expect(dynamoLogit(load, { ...weights, sharedCredit: 0.5 })).toBe(70);
    expect(dynamoLogit(load, { ...weights, prefillScale: 2, requestWeight: 4 })).toBe(150);
    // The credit of the device fades to 1 / (1 + 0.5 x 50 / 25) of it.
    expect(dynamoLogit(load, { ...weights, creditDecay: 0.5 })).toBe(90);
    expect(dynamoLogit({ ...load, device: 1000 }, weights)).toBe(12);
  });

  it("draws by p ~ exp(-(cost - least) / (range x temperature)), and ties alike", () => {
    const random = new RandomStream(1, "draws");
    const draws = 20_000;
    const counts = [0, 0, 0];
    for (let draw = 0; draw < draws; draw++) counts[drawByCost([10, 20, 30], 0.5, random)]! += 1;
    const parts = [1, Math.exp(-1), Math.exp(-2)];
    const whole = parts[0]! + parts[1]! + parts[2]!;
    for (const at of [0, 1, 2]) expect(counts[at]! / draws).toBeCloseTo(parts[at]! / whole, 1.7);
    const ties = [0, 0];
    for (let draw = 0; draw < draws; draw++) ties[drawByCost([5, 5], 0.5, random)]! += 1;
    expect(ties[0]! / draws).toBeCloseTo(0.5, 1.7);
  });

  it("counts uncached tokens until the first token, and prompt blocks until the end, shared ones once", () => {
    // Replica 0 caches 4 of 10 blocks. First: 10 - 4 + 10 decode = 16 against 10 + 10.
    const fleet = new BookedFleet(routingPolicy("dynamo", {}, contextOf(1, indexOf({ 0: chain(4) }))), viewsOf(2));
    expect(fleet.send(requestOf(1, { chunks: chain(10) }), 0)).toBe(0);
    // 0: 6 ahead + 10 - 4 + 10 = 22; 1: 10 + 10 = 20.
    expect(fleet.send(requestOf(2, { chunks: chain(10) }), 0)).toBe(1);
    // Both have the prompt in flight. 0: 6 + 6 + 10 = 22; 1: 10 + 10 + 10 = 30.
    expect(fleet.send(requestOf(3, { chunks: chain(10) }), 0)).toBe(0);
    fleet.answer(2, 1);
    // 0: 12 + 6 + 10 = 28; 1: 0 + 10 + 10 = 20.
    expect(fleet.send(requestOf(4, { chunks: chain(10) }), 1)).toBe(1);
  });

  it("holds while every replica has more than the threshold ahead, and counts nothing of what it holds", () => {
    const policy = routingPolicy("dynamo", { queueThreshold: 1 }, contextOf());
    const fleet = new BookedFleet(policy, viewsOf(2, { maxBatchedTokens: 160 }));
    const cold = (id: number) => requestOf(id, { chunks: chain(11, 100 * id) });
    const first = fleet.send(cold(1), 0);
    const second = fleet.send(cold(2), 0);
    expect([first, second].sort()).toEqual([0, 1]);
    for (let id = 3; id < 20; id++) expect(fleet.send(cold(id), 0)).toBe(-1);
    fleet.answer(1, 1);
    // Had the held ones been counted, this replica would still be full.
    expect(fleet.send(cold(3), 1)).toBe(first);
    expect(fleet.send(cold(4), 1)).toBe(-1);
    fleet.end(2, 2);
    expect(fleet.send(cold(4), 2)).toBe(second);
  });

  it("gives host memory its credit", () => {
    const index = {
      ...indexOf({ 0: chain(4), 1: chain(2) }),
      matchedBeyond: (replica: number, _chunks: Int32Array, tier: string) => (tier === "host" && replica === 1 ? 3 : 0),
    };
    // 4 against 2 + 0.75 x 3.
    expect(
      routingPolicy("dynamo", {}, contextOf(1, index)).choose(requestOf(1, { chunks: chain(10) }), viewsOf(2), 0),
    ).toBe(1);
    const plain = routingPolicy("dynamo", { hostCredit: 0.5 }, contextOf(1, index));
    expect(plain.choose(requestOf(1, { chunks: chain(10) }), viewsOf(2), 0)).toBe(0);
  });

  it("takes what it sent for cached for two minutes", () => {
    for (const [wait, same] of [
      [119, true],
      [121, false],
    ] as const) {
      const homes = new Set<boolean>();
      for (let seed = 1; seed <= 12; seed++) {
        const fleet = new BookedFleet(routingPolicy("dynamo", { index: "routed" }, contextOf(seed)), viewsOf(4));
        const home = fleet.send(requestOf(1, { chunks: chain(8) }), 0);
        fleet.end(1, 1);
        homes.add(fleet.send(requestOf(2, { chunks: chain(8) }), wait) === home);
      }
      expect(homes.has(false)).toBe(!same);
    }
  });
});

describe("SGLang", () => {
  it("has the published defaults", () => {
    expect(defaultsOf("sglang-cache-aware")).toEqual({
      threshold: 0.5,
      absolute: 32,
      relative: 1.1,
      pruneEvery: 30,
      treeSize: 10_000,
    });
    expect(defaultsOf("sglang-cache-aware-launcher")).toEqual({
      threshold: 0.3,
      absolute: 64,
      relative: 1.5,
      pruneEvery: 60,
      treeSize: 67_108_864,
    });
  });

  const sent = (first: number, second: number, given = {}) => {
    const policy = routingPolicy("sglang-cache-aware", given, contextOf());
    // The first replica of equals takes the prompt that all begin with.
    expect(policy.choose(requestOf(0, { chunks: chain(10) }), viewsOf(2), 0)).toBe(0);
    const views = [viewOf(0, { inFlight: first }), viewOf(1, { inFlight: second })];
    return policy.choose(requestOf(1, { chunks: chain(10) }), views, 1);
  };

  it("is imbalanced beyond 32 and beyond 1.1 times the least", () => {
    expect(sent(32, 0)).toBe(0);
    expect(sent(33, 0)).toBe(1);
    expect(sent(440, 400)).toBe(0);
    expect(sent(441, 400)).toBe(1);
    expect(sent(441, 400, { relative: 1.2 })).toBe(0);
  });

  it("follows a match of more than half of the prompt only", () => {
    for (const [common, chosen] of [
      [5, 1],
      [6, 0],
    ] as const) {
      const policy = routingPolicy("sglang-cache-aware", {}, contextOf());
      policy.choose(requestOf(0, { chunks: chain(10) }), viewsOf(2), 0);
      const views = [viewOf(0, { inFlight: 1 }), viewOf(1)];
      const next = requestOf(1, { chunks: [...chain(common), ...chain(10 - common, 500)] });
      expect(policy.choose(next, views, 1)).toBe(chosen);
    }
  });

  it("prunes to its size every half minute: 10,000 characters are 2,500 tokens", () => {
    for (const [at, chosen] of [
      [29, 0],
      [31, 1],
    ] as const) {
      const policy = routingPolicy("sglang-cache-aware", {}, contextOf());
      // 320 chunks of 16 tokens are 20,480 characters; pruning leaves the first 156 chunks, less than half.
      const long = requestOf(0, { chunks: chain(320) });
      policy.choose(long, viewsOf(2), 0);
      expect(policy.choose(requestOf(1, { chunks: chain(320) }), [viewOf(0, { inFlight: 1 }), viewOf(1)], at)).toBe(
        chosen,
      );
    }
  });

  it("follows whom the text went to last", () => {
    const policy = routingPolicy("sglang-cache-aware", {}, contextOf());
    policy.choose(requestOf(0, { chunks: chain(4) }), viewsOf(2), 0);
    policy.choose(requestOf(1, { chunks: chain(4) }), [viewOf(0, { inFlight: 40 }), viewOf(1)], 1);
    expect(policy.choose(requestOf(2, { chunks: chain(4) }), viewsOf(2), 2)).toBe(1);
  });
});

describe("AIBrix", () => {
  it("has the defaults of the code", () => {
    expect(defaultsOf("aibrix-prefix")).toEqual({
      imbalance: 8,
      deviations: 1,
      blockCharacters: 4,
      blocks: 200_000,
      lifetime: 1200,
    });
  });

  /** Replica 2 alone has seen the prompt; then these are in flight. */
  const chosen = (inFlight: readonly number[], given = {}) => {
    const policy = routingPolicy("aibrix-prefix", given, contextOf());
    policy.choose(requestOf(0, { chunks: chain(10) }), [viewOf(2)], 0);
    const views = inFlight.map((count, index) => viewOf(index, { inFlight: count }));
    return policy.choose(requestOf(1, { chunks: chain(10) }), views, 1);
  };

  it("takes the match up to mean + deviation, else the fewest", () => {
    // Mean 4, deviation 2.53: the limit is 6.53.
    expect(chosen([2, 2, 6, 8, 2])).toBe(2);
    expect(chosen([0, 4, 8])).toBe(0);
    // Mean 4, deviation 3.27: 7.27 with one, 10.5 with two.
    expect(chosen([0, 4, 8], { deviations: 2 })).toBe(2);
  });

  it("takes the fewest when in flight differ by more than eight", () => {
    expect(chosen([3, 0, 8], { deviations: 3 })).toBe(2);
    expect(chosen([3, 0, 9], { deviations: 3 })).toBe(1);
  });

  it("remembers 200,000 tokens of the whole fleet", () => {
    const policy = routingPolicy("aibrix-prefix", {}, contextOf());
    policy.choose(requestOf(0, { chunks: chain(10) }), [viewOf(2)], 0);
    // 12,500 chunks of 16 tokens fit; these are 12,485 more, to another replica.
    policy.choose(requestOf(1, { chunks: chain(12_485, 1000) }), [viewOf(1)], 1);
    const busy = [viewOf(0), viewOf(1, { inFlight: 1 }), viewOf(2, { inFlight: 1 })];
    expect(policy.choose(requestOf(2, { chunks: chain(10) }), busy, 2)).toBe(2);
    policy.choose(requestOf(3, { chunks: chain(12_495, 50_000) }), [viewOf(1)], 3);
    expect(policy.choose(requestOf(4, { chunks: chain(10) }), busy, 4)).toBe(0);
  });
});
