/** Published formulas and defaults of scorers, rings and ours, by hand. */

import { describe, expect, it } from "vitest";
import { BookedFleet, contextOf, indexOf, requestOf, viewOf, viewsOf } from "../../../test/routing/views.ts";
import { routingPolicies, routingPolicy } from "./index.ts";
import { kvAwareCost } from "./kv-aware.ts";
import {
  addCacheScore,
  addLoadScore,
  addQueueScore,
  addSpreadScore,
  addTokenScore,
  ColdOrder,
} from "./llm-d-scorers.ts";
import { valuesOf } from "./parameter.ts";
import { HashRing } from "./ring.ts";

const chain = (count: number, from = 0): number[] => Array.from({ length: count }, (_, at) => from + at);

function defaultsOf(name: string): Readonly<Record<string, number | string>> {
  return valuesOf(routingPolicies.get(name).parameters);
}

describe("llm-d", () => {
  const scores = (add: (totals: Float64Array) => void, count = 3): number[] => {
    const totals = new Float64Array(count);
    add(totals);
    return [...totals];
  };
  const waiting = [viewOf(0, { waiting: 0 }), viewOf(1, { waiting: 32 }), viewOf(2, { waiting: 128 })];

  it("scores as published", () => {
    expect(scores((totals) => addQueueScore(waiting, 2, totals))).toEqual([2, 1.5, 0]);
    expect(scores((totals) => addQueueScore(viewsOf(3, { waiting: 7 }), 1, totals))).toEqual([1, 1, 1]);
    expect(scores((totals) => addLoadScore(waiting, 1, totals))).toEqual([0.5, 0.375, 0]);
    expect(scores((totals) => addCacheScore(viewsOf(3, { cacheUsage: 0.75 }), 2, totals))).toEqual([0.5, 0.5, 0.5]);
    expect(scores((totals) => addTokenScore([0, 1_048_576, 5e6], 1, totals))).toEqual([1, 0.75, 0]);
    expect(scores((totals) => addSpreadScore([10, 15, 20], 3, totals))).toEqual([0, 1.5, 3]);
  });

  it("prefers replicas that had no cold prompt for longest", () => {
    const order = new ColdOrder();
    const sum = (cold: boolean) => scores((totals) => order.add(viewsOf(3), cold, { weight: 1, totals }));
    expect(sum(true)).toEqual([1, 0.5, 0]);
    order.sent(0);
    expect(sum(true)).toEqual([0, 1, 0.5]);
    order.sent(1);
    order.sent(0);
    expect(sum(true)).toEqual([0, 0.5, 1]);
    expect(sum(false)).toEqual([0.5, 0.5, 0.5]);
  });

  it("adds prefix 3, queue 2 and cache 2", () => {
    expect(defaultsOf("llm-d-weighted")).toMatchObject({
      prefix: 3,
      queue: 2,
      kv: 2,
      running: 0,
      memory: 31_250,
      lookedAt: 256,
    });
    const index = indexOf({ 0: chain(10), 1: chain(5) });
    const choose = (views: Parameters<ReturnType<typeof routingPolicy>["choose"]>[1]) =>
      routingPolicy("llm-d-weighted", {}, contextOf(1, index)).choose(requestOf(1, { chunks: chain(10) }), views, 0);
    // 3 + 0 + 2 x 0.2 = 3.4 against 1.5 + 2 + 2 x 0.6 = 4.7 and 0 + 1 + 2.
    expect(
      choose([viewOf(0, { waiting: 4, cacheUsage: 0.8 }), viewOf(1, { cacheUsage: 0.4 }), viewOf(2, { waiting: 2 })]),
    ).toBe(1);
    // 3 + 1 + 0.4 = 4.4 against 1.5 + 0 + 1.2 and 0 + 2 + 2.
    expect(
      choose([viewOf(0, { waiting: 2, cacheUsage: 0.8 }), viewOf(1, { waiting: 4, cacheUsage: 0.4 }), viewOf(2)]),
    ).toBe(0);
  });

  it("looks at 4,096 tokens where prompts sent are the index", () => {
    const policy = routingPolicy("llm-d-weighted", { index: "routed", queue: 1, kv: 0, prefix: 1 }, contextOf());
    const views = [viewOf(0, { waiting: 1 }), viewOf(1)];
    policy.choose(requestOf(0, { chunks: chain(400) }), [viewOf(0)], 0);
    // The first 256 chunks of 16 tokens are all that counts: 1 + 0 against 0 + 1, a draw.
    const homes = new Set<number>();
    for (let id = 1; id < 20; id++) {
      const fresh = routingPolicy("llm-d-weighted", { index: "routed", queue: 1, kv: 0, prefix: 1 }, contextOf(id));
      fresh.choose(requestOf(0, { chunks: chain(400) }), [viewOf(0)], 0);
      homes.add(fresh.choose(requestOf(id, { chunks: [...chain(256), ...chain(144, 9000)] }), views, 1));
    }
    expect(homes).toEqual(new Set([0, 1]));
  });

  it("sticks until 286,704 uncached tokens lie between, and only to a match of 80 %", () => {
    expect(defaultsOf("llm-d-sticky")).toMatchObject({
      affinity: 0.8,
      exploration: 0.01,
      penalty: 18,
      prefillRate: 15_928,
    });
    const chosen = (ahead: number, common: number): number => {
      const policy = routingPolicy("llm-d-sticky", { exploration: 0 }, contextOf());
      policy.choose(requestOf(0, { chunks: chain(100) }), [viewOf(0)], 0);
      policy.onEnd?.(requestOf(0), 0, 1);
      policy.choose(requestOf(1, { tokens: ahead }), [viewOf(0)], 2);
      return policy.choose(requestOf(2, { chunks: [...chain(common), ...chain(100 - common, 7000)] }), viewsOf(2), 3);
    };
    expect(chosen(286_704, 100)).toBe(0);
    expect(chosen(286_705, 100)).toBe(1);
    expect(chosen(2_000, 80)).toBe(0);
    expect(chosen(2_000, 79)).toBe(1);
  });
});

describe("rings and bounds", () => {
  it("move only the keys of a replica that went", () => {
    const ring = new HashRing(160);
    const all = viewsOf(10);
    const owners = chain(2000).map((key) => ring.owner(key, all));
    const without = all.filter(({ index }) => index !== 4);
    chain(2000).forEach((key) => {
      const owner = ring.owner(key, without);
      expect(owner).not.toBe(4);
      if (owners[key] !== 4) expect(owner).toBe(owners[key]);
    });
    const shares = all.map(({ index }) => owners.filter((owner) => owner === index).length);
    expect(Math.min(...shares)).toBeGreaterThan(120);
    expect(Math.max(...shares)).toBeLessThan(300);
  });

  it("keep every replica at or below ceil(1.25 (total + 1) / n) with one key for all", () => {
    const fleet = new BookedFleet(routingPolicy("consistent-hash", {}, contextOf()), viewsOf(5));
    for (let id = 0; id < 200; id++) {
      fleet.send(requestOf(id, { session: 7 }), id);
      const most = Math.max(...fleet.views.map((view) => view.inFlight));
      expect(most).toBeLessThanOrEqual(Math.ceil((1.25 * (id + 1)) / 5));
    }
    const plain = new BookedFleet(
      routingPolicy("consistent-hash", { bound: Number.POSITIVE_INFINITY }, contextOf()),
      viewsOf(5),
    );
    for (let id = 0; id < 50; id++) plain.send(requestOf(id, { session: 7 }), id);
    expect(Math.max(...plain.views.map((view) => view.inFlight))).toBe(50);
  });
});

describe("production-stack", () => {
  it("takes a cached prompt with up to 2,000 tokens missing, whatever the load", () => {
    for (const [missing, chosen] of [
      [125, 1],
      [126, 0],
    ] as const) {
      const index = indexOf({ 1: chain(200 - missing) });
      const policy = routingPolicy("production-stack-kv", {}, contextOf(1, index));
      // Replica 1 is the one with a request of late.
      policy.choose(requestOf(0, { chunks: [5000] }), [viewOf(1)], 0);
      const views = [viewOf(0), viewOf(1, { inFlight: 500, waiting: 500 })];
      expect(policy.choose(requestOf(1, { chunks: chain(200) }), views, 1)).toBe(chosen);
    }
  });

  it("weighs the match against the excess of load", () => {
    const choose = (common: number, first: number) => {
      const policy = routingPolicy("production-stack-loadaware", {}, contextOf());
      policy.choose(requestOf(0, { chunks: chain(10) }), [viewOf(0)], 0);
      const next = requestOf(1, { chunks: [...chain(common), ...chain(10 - common, 100)] });
      return policy.choose(next, [viewOf(0, { inFlight: first }), viewOf(1, { inFlight: 10 })], 1);
    };
    // Mean 12: 1 - 2 / 12 against 2 / 12; mean 20: 0.9 - 10 / 20 against 10 / 20.
    expect(choose(10, 14)).toBe(0);
    expect(choose(9, 30)).toBe(1);
  });

  it("sends requests without a session where fewest went within a minute", () => {
    const policy = routingPolicy("production-stack-session", {}, contextOf());
    for (let id = 0; id < 5; id++) policy.choose(requestOf(id), [viewOf(0)], 0);
    for (let id = 0; id < 3; id++) policy.choose(requestOf(id), [viewOf(1)], 30);
    expect(policy.choose(requestOf(9), viewsOf(2), 59)).toBe(1);
    expect(policy.choose(requestOf(10), viewsOf(2), 61)).toBe(0);
  });
});

describe("kv-aware", () => {
  const load = {
    secondsPerToken: 1e-4,
    ahead: 1000,
    uncached: 2000,
    capacity: 100_000,
    used: 50_000,
    stay: 10,
    hitShare: 0.5,
    waiting: 3,
    running: 20,
    tokens: 40_000,
  };

  it("costs what its formula says", () => {
    // 0.1 + 0.2 wait, 3 x 0.2 behind, 0.1 evicted, 0.2 x (0.2 x 20 + 10 x 0.4) answers.
    expect(kvAwareCost(load, 0.2)).toBeCloseTo(0.3 + 0.6 + 0.1 + 1.6, 12);
    // Nothing is free below 98,000 used: 1 % of the cache is missing, and the three behind wait for it too.
    expect(kvAwareCost({ ...load, used: 99_000 }, 0.2)).toBeCloseTo(0.3 + 0.1 + 0.6 + 0.3 + 0.1 + 1.6, 12);
  });

  it("grows with every load, and falls with what is cached", () => {
    const base = kvAwareCost({ ...load, used: 99_500 }, 0.2);
    for (const key of [
      "secondsPerToken",
      "ahead",
      "uncached",
      "used",
      "stay",
      "hitShare",
      "waiting",
      "running",
      "tokens",
    ] as const) {
      const more = { ...load, used: 99_500 };
      expect(kvAwareCost({ ...more, [key]: 1.1 * more[key] }, 0.2), key).toBeGreaterThan(base);
    }
  });

  it("keeps a burst of one new prompt together, before any engine has cached it", () => {
    const fleet = new BookedFleet(routingPolicy("kv-aware", {}, contextOf()), viewsOf(4));
    const homes = chain(3).map((id) => fleet.send(requestOf(id, { chunks: chain(400) }), 0));
    expect(new Set(homes).size).toBe(1);
  });

  it("counts requests of other routers while metrics are fresh", () => {
    const choose = (now: number) => {
      const policy = routingPolicy("kv-aware", {}, contextOf(3));
      // So that a length of requests is known.
      for (const index of [0, 1])
        policy.choose(requestOf(index, { chunks: chain(50, 1000 * index) }), [viewOf(index)], 0);
      const views = [viewOf(0, { waiting: 30, running: 10 }), viewOf(1)];
      return new Set(chain(8, 10).map((id) => policy.choose(requestOf(id, { chunks: [id] }), views, now)));
    };
    expect(choose(1)).toEqual(new Set([1]));
    expect(choose(11)).toEqual(new Set([0, 1]));
  });
});
