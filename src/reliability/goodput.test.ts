import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sqrt } from "../base/math.ts";
import { clusterOf, nodes } from "../catalog/index.ts";
import {
  bestInterval,
  type CheckpointPlan,
  componentRates,
  demandsOf,
  fewestSpares,
  firstOrderGoodput,
  goodputOf,
  jobRates,
  onTime,
  waitingShare,
  wallProbability,
  wallShares,
  wallTime,
} from "./index.ts";

const hour = 3600;
const day = 24 * hour;
/** Nodes of eight H100 in Llama 3's run. */
const llama = clusterOf({ node: nodes.get("hgx-h100"), nodes: 2048 });
const llamaRate = jobRates(componentRates([llama])).all;
const plan = (change: Partial<CheckpointPlan> = {}): CheckpointPlan => ({
  rate: llamaRate,
  interval: 1800,
  stall: 10,
  lag: 0,
  detection: 60,
  restart: 240,
  ...change,
});

const plans: fc.Arbitrary<CheckpointPlan> = fc.record({
  rate: fc.double({ min: 1e-7, max: 1e-3, noNaN: true }),
  interval: fc.double({ min: 10, max: 7200, noNaN: true }),
  stall: fc.double({ min: 0, max: 120, noNaN: true }),
  lag: fc.double({ min: 0, max: 10, noNaN: true }),
  detection: fc.double({ min: 0, max: 900, noNaN: true }),
  restart: fc.double({ min: 0, max: 1800, noNaN: true }),
});

describe("Llama 3 405B on 16,384 H100", () => {
  it("is interrupted 419 times in 54 days by the sum of its components", () => {
    expect(llamaRate * 54 * day).toBeCloseTo(419, 6);
    expect(1 / llamaRate / hour).toBeCloseTo(3.09, 2);
    const counts = componentRates([llama]).map(({ rate }) => Math.round(rate * 54 * day));
    expect(counts).toEqual([196, 72, 7, 35, 46, 63]);
  });

  it("3.79 interruptions per 1000 node-days", () => {
    expect((llamaRate * day * 1000) / 2048).toBeCloseTo(3.789, 3);
  });

  it("more than 90 % of the time in work: stalls of 60 s leave nothing for restarts, of 20 s some minutes", () => {
    const free = { detection: 0, restart: 0 };
    const best = (stall: number) => bestInterval({ rate: llamaRate, stall, least: 1 });
    const blocking = wallShares(plan({ ...free, stall: 60, interval: best(60) }));
    expect(1 / blocking.total).toBeLessThan(0.905);
    const leftOf = (stall: number) => {
      const store = plan({ ...free, stall, interval: best(stall) });
      return demandsOf({ store }, 0.9, 1).recovery ?? 0;
    };
    expect(leftOf(80)).toBe(0);
    expect(leftOf(60)).toBeLessThan(60);
    expect(leftOf(20) / 60).toBeGreaterThan(6);
    expect(leftOf(20) / 60).toBeLessThan(10);
    expect(leftOf(1) / 60).toBeGreaterThan(15);
  });
});

describe("the RSC formula", () => {
  it.each([
    [16_000, 6.5],
    [8000, 2.34],
    [1024, 6.5],
  ])("%d accelerators at %d failures per 1000 node-days, within half a point", (accelerators, failures) => {
    const rate = ((accelerators / 8) * failures) / 1000 / day;
    const store = plan({ rate, interval: 1800, stall: 10 });
    expect(Math.abs(firstOrderGoodput(store) - goodputOf({ store }))).toBeLessThan(0.02);
    expect(
      Math.abs(firstOrderGoodput(plan({ rate: rate / 10 })) - goodputOf({ store: plan({ rate: rate / 10 }) })),
    ).toBeLessThan(0.0005);
  });

  it("is the limit for few interruptions, to second order", () => {
    const gap = (rate: number): number => {
      const store = plan({ rate, stall: 0 });
      return Math.abs(firstOrderGoodput(store) - goodputOf({ store }));
    };
    expect(gap(1e-5) / gap(1e-6)).toBeGreaterThan(80);
  });
});

describe("published goodputs", () => {
  const perNodeDay = (nodesOf: number, failures: number): number => (nodesOf * failures) / 1000 / day;

  it("ByteRobust: 97 % on 9,600 accelerators with a copy in memory every step, failures noticed within a minute", () => {
    const rate = (llamaRate * 9600) / 16_384;
    const store = plan({ rate, interval: 1800, stall: 1, lag: 60, detection: 60, restart: 300 });
    const memory = { interval: 10, stall: 0.09, lag: 0, restart: 240 };
    const goodput = (recovers: number): number => goodputOf({ store, memory: { ...memory, recovers } });
    expect(Math.abs(goodput(0.9) - 0.97)).toBeLessThan(0.005);
    expect(goodput(0)).toBeLessThan(0.93);
  });

  it("MegaScale: more than 90 % on 12,288 A100 at RSC-2's rate, diagnosed in 5 min and back 10 min later", () => {
    const rate = perNodeDay(12_288 / 8, 2.34);
    const store = plan({ rate, stall: 20, detection: 300, restart: 600 });
    const interval = bestInterval({ rate, stall: 20, least: 10 });
    expect(goodputOf({ store: { ...store, interval } })).toBeGreaterThan(0.9);
  });
});

describe("wall time", () => {
  it("is the work without interruptions and without checkpoints", () => {
    expect(wallShares(plan({ rate: 0, stall: 0 }))).toEqual({
      stall: 0,
      lost: 0,
      detection: 0,
      restart: 0,
      total: 1,
      interruptions: 0,
    });
  });

  it("is Daly's for checkpoints that steps wait for", () => {
    const { rate, interval, stall, restart } = plan();
    const mean = 1 / rate;
    const daly = (mean * Math.exp(restart / mean) * (Math.exp((interval + stall) / mean) - 1)) / interval;
    expect(wallShares(plan({ detection: 0 })).total).toBeCloseTo(daly, 12);
  });

  it("falls in nothing: more of each costs more, and parts add up", () => {
    fc.assert(
      fc.property(plans, fc.constantFrom("rate", "stall", "lag", "detection", "restart"), (one, key) => {
        const { stall, lost, detection, restart, total } = wallShares(one);
        expect(1 + stall + lost + detection + restart).toBeCloseTo(total, 9);
        expect(lost).toBeGreaterThanOrEqual(-1e-12);
        expect(wallShares({ ...one, [key]: one[key as "rate"] * 1.1 + 1e-9 }).total).toBeGreaterThan(
          total * (1 - 1e-12),
        );
      }),
    );
  });

  it("goodput falls with the number of nodes and with their failures", () => {
    const goodput = (nodesOf: number, time: number): number => {
      const cluster = clusterOf({ node: nodes.get("hgx-h100"), nodes: nodesOf });
      return goodputOf({ store: plan({ rate: jobRates(componentRates([cluster], time * 1000 * hour)).all }) });
    };
    expect(goodput(512, 50)).toBeGreaterThan(goodput(1024, 50));
    expect(goodput(1024, 50)).toBeGreaterThan(goodput(1024, 30));
  });

  it("meets a deadline with a probability that grows", () => {
    const wall = wallTime({ store: plan() }, { work: 30 * day, waiting: 0 });
    const probabilities = [0.9, 1, 1.05, 1.2].map((share) => wallProbability(wall, wall.mean * share));
    expect([...probabilities].sort((a, b) => a - b)).toEqual(probabilities);
    expect(probabilities[0]).toBeLessThan(0.01);
    expect(probabilities[1]).toBeCloseTo(0.5, 1);
    expect(probabilities[3]).toBeGreaterThan(0.99);
    expect(wallProbability(wall, 30 * day)).toBe(0);
  });

  it("meets it less surely the less is known of the step", () => {
    const wall = wallTime({ store: plan() }, { work: 30 * day, waiting: 0 });
    const known = { low: 1, high: 1, level: 0.9 };
    for (const share of [0.95, 1, 1.1]) {
      expect(onTime(wall, wall.mean * share, known)).toBeCloseTo(wallProbability(wall, wall.mean * share), 9);
    }
    const range = { low: 0.9, high: 1.2, level: 0.9 };
    expect(onTime(wall, wall.mean * 1.2, range)).toBeCloseTo(0.95, 2);
    expect(onTime(wall, wall.mean * 0.9, range)).toBeCloseTo(0.05, 2);
    expect(onTime(wall, wall.mean, range)).toBeCloseTo(0.5, 1);
  });
});

describe("the best interval", () => {
  it("is a minimum of the wall time", () => {
    fc.assert(
      fc.property(plans, (one) => {
        const interval = bestInterval({ rate: one.rate, stall: one.stall + 1, least: 0 });
        const total = (factor: number) =>
          wallShares({ ...one, stall: one.stall + 1, interval: interval * factor }).total;
        expect(total(1)).toBeLessThanOrEqual(total(1.02));
        expect(total(1)).toBeLessThanOrEqual(total(0.98));
        // Its slope vanishes: central difference against the curvature.
        const slope = (total(1.001) - total(0.999)) / 0.002;
        expect(Math.abs(slope)).toBeLessThan(1e-5 * total(1));
      }),
    );
  });

  it("is Young's for short stalls and Daly's for longer ones", () => {
    for (const stall of [0.1, 1, 10, 100]) {
      const mean = 1 / llamaRate;
      const young = sqrt(2 * stall * mean);
      const daly = young * (1 + sqrt(stall / 2 / mean) / 3 + stall / 2 / mean / 9) - stall;
      const found = bestInterval({ rate: llamaRate, stall, least: 0 });
      expect(found / daly).toBeCloseTo(1, 3);
      if (stall <= 1) expect(found / young).toBeCloseTo(1, 2);
    }
  });

  it("is not shorter than it may be", () => {
    expect(bestInterval({ rate: llamaRate, stall: 0, least: 6 })).toBe(6);
  });
});

describe("what a goodput demands", () => {
  it("is what then gives it", () => {
    const store = plan({ stall: 30 });
    const { stall, recovery, interval, rate } = demandsOf({ store }, 0.88, 5);
    const with_ = (change: Partial<CheckpointPlan>): number => goodputOf({ store: { ...store, ...change } });
    expect(with_({ stall: stall!, interval: bestInterval({ rate: llamaRate, stall: stall!, least: 5 }) })).toBeCloseTo(
      0.88,
      9,
    );
    expect(with_({ detection: 60, restart: recovery! - 60 })).toBeCloseTo(0.88, 9);
    expect(with_({ interval: interval![0] })).toBeCloseTo(0.88, 9);
    expect(with_({ interval: interval![1] })).toBeCloseTo(0.88, 9);
    expect(with_({ rate: rate! })).toBeCloseTo(0.88, 9);
  });

  it("is nothing where the rest alone costs more", () => {
    expect(demandsOf({ store: plan({ restart: 7200 }) }, 0.95, 5).stall).toBeUndefined();
    expect(demandsOf({ store: plan({ restart: 7200 }) }, 0.95, 5).interval).toBeUndefined();
    expect(demandsOf({ store: plan({ stall: 600, interval: 600 }) }, 0.95, 5).recovery).toBeUndefined();
  });
});

describe("spares", () => {
  it("wait less the more there are, and the fewest are enough", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 200, noNaN: true }), fc.integer({ min: 0, max: 300 }), (load, spares) => {
        expect(waitingShare(load, spares + 1)).toBeLessThanOrEqual(waitingShare(load, spares));
        const fewest = fewestSpares({ rate: load, repair: 1, share: 0.001 });
        expect(waitingShare(load, fewest)).toBeLessThanOrEqual(0.001);
        if (fewest > 0) expect(waitingShare(load, fewest - 1)).toBeGreaterThan(0.001);
      }),
    );
  });

  it("without any, a job waits for every repair", () => {
    expect(waitingShare(0.5, 0)).toBeCloseTo(0.5 / 1.5, 12);
  });
});
