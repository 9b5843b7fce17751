/** Autoscaling policies on series of measurements worked out by hand from the documented algorithms. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { valuesOf } from "../routing/parameter.ts";
import { type FleetObservation, scalingPolicies, scalingPolicy } from "./index.ts";

function seen(at: number, some: Partial<FleetObservation> = {}): FleetObservation {
  return {
    at,
    duration: 2,
    ready: 4,
    starting: 0,
    running: 0,
    waiting: 0,
    cacheUsage: 0,
    arrivals: 0,
    judged: 0,
    withinObjectives: 0,
    ...some,
  };
}

describe("target utilisation, as Kubernetes does it", () => {
  const decide = (some: Partial<FleetObservation>, given = {}): number | undefined =>
    scalingPolicy("hpa", { target: 70, ...given }).decide([seen(15, some)], 15);

  it("has the documented defaults", () => {
    expect(valuesOf(scalingPolicies.get("hpa").parameters)).toMatchObject({
      tolerance: 0.1,
      upWindow: 0,
      downWindow: 300,
      growth: 2,
      step: 4,
      period: 15,
    });
  });

  it("is ceil(ready x metric / target), and nothing within the tolerance", () => {
    // The documentation's example: 50 replicas at 90 of 75 become 60.
    expect(decide({ ready: 50, running: 50 * 90 }, { target: 75 })).toBe(60);
    expect(decide({ running: 4 * 76.9 })).toBe(4);
    expect(decide({ running: 4 * 77.1 })).toBe(5);
    expect(decide({ running: 4 * 63.1 })).toBe(4);
    expect(decide({ running: 4 * 35 }, { downWindow: 0 })).toBe(2);
    expect(decide({ cacheUsage: 0.9 }, { metric: "cache-usage", target: 0.6 })).toBe(6);
    expect(decide({ arrivals: 20 }, { metric: "arrivals", target: 4 })).toBe(5);
    expect(decide({ running: 400, waiting: 12 }, { metric: "waiting", target: 2 })).toBe(6);
  });

  it("takes replicas that start as unused", () => {
    // 4 ready at twice the target, 4 starting: a ratio of 1 over all of them.
    expect(decide({ running: 4 * 140, starting: 4 })).toBe(8);
    // 4 ready at three times: 12 over 8 is 1.5.
    expect(decide({ running: 4 * 210, starting: 4 })).toBe(12);
  });

  it("grows at most to twice or by four within fifteen seconds", () => {
    expect(decide({ ready: 10, running: 70_000 })).toBe(20);
    expect(decide({ ready: 1, running: 70_000 })).toBe(5);
    const policy = scalingPolicy("hpa", { target: 70 });
    expect(policy.decide([seen(0, { ready: 10, running: 70_000 })], 0)).toBe(20);
    const still = { ready: 10, starting: 10, running: 70_000 };
    expect(policy.decide([seen(10, still)], 10)).toBe(20);
    expect(policy.decide([seen(15, still)], 15)).toBe(40);
  });

  it("shrinks to the most that was recommended within five minutes", () => {
    const policy = scalingPolicy("hpa", { target: 70 });
    const at = (now: number, perReplica: number, ready = 10) =>
      policy.decide([seen(now, { ready, running: ready * perReplica })], now);
    // What it finds counts as recommended at 0; 8 is recommended at 15, 3 from 30 on.
    expect(at(0, 56)).toBe(10);
    expect(at(15, 56)).toBe(10);
    expect(at(30, 21)).toBe(10);
    expect(at(299, 21)).toBe(10);
    expect(at(300, 21)).toBe(8);
    expect(at(315, 21, 8)).toBe(3);
  });

  it("grows to the least that was recommended in the up window", () => {
    const policy = scalingPolicy("hpa", { target: 70, upWindow: 60 });
    expect(policy.decide([seen(0, { running: 280 })], 0)).toBe(4);
    expect(policy.decide([seen(30, { running: 420 })], 30)).toBe(4);
    expect(policy.decide([seen(61, { running: 560 })], 61)).toBe(6);
  });
});

describe("stable and panic windows, as Knative does them", () => {
  /** One measurement every two seconds: concurrency by time. */
  const series = (until: number, concurrency: (at: number) => number, ready = 2): FleetObservation[] =>
    Array.from({ length: Math.floor(until / 2) }, (_, step) => {
      const at = 2 * (step + 1);
      return seen(at, { ready, running: concurrency(at) });
    });

  it("has the documented defaults", () => {
    expect(valuesOf(scalingPolicies.get("kpa").parameters)).toMatchObject({
      target: 100,
      utilization: 0.7,
      stableWindow: 60,
      panicShare: 0.1,
      panicThreshold: 2,
      upRate: 1000,
      downRate: 2,
    });
  });

  it("divides the mean of the stable window by what a replica shall carry", () => {
    const policy = scalingPolicy("kpa", {});
    // 210 in flight of 70 a replica.
    expect(
      policy.decide(
        series(60, () => 210, 3),
        60,
      ),
    ).toBe(3);
    // 30 s of 70 and 30 s of 210: 140; the panic window wants 3, less than twice 2.
    expect(
      scalingPolicy("kpa", {}).decide(
        series(60, (at) => (at <= 30 ? 70 : 210)),
        60,
      ),
    ).toBe(2);
  });

  it("panics at twice what is ready, does not shrink meanwhile, and calms down after a stable window", () => {
    const policy = scalingPolicy("kpa", {});
    // The last six seconds have 420: 6 replicas wanted of 2. The stable window has 172, 3 of them.
    const burst = (at: number) => (at > 54 && at <= 60 ? 420 : 140);
    expect(policy.decide(series(60, burst), 60)).toBe(6);
    for (const at of [70, 90, 118]) expect(policy.decide(series(at, burst, 6), at)).toBe(6);
    // Calm since 60: at 122 the stable window wants 2; one decision at most halves 6.
    expect(policy.decide(series(122, burst, 6), 122)).toBe(3);
  });

  it("grows and shrinks within its rates", () => {
    expect(
      scalingPolicy("kpa", { upRate: 3 }).decide(
        series(60, () => 7000),
        60,
      ),
    ).toBe(6);
    expect(
      scalingPolicy("kpa", {}).decide(
        series(60, () => 0, 9),
        60,
      ),
    ).toBe(4);
  });
});

describe("scaling by objectives", () => {
  const of = (at: number, ready: number, perReplica: number, share: number, starting = 0) =>
    seen(at, { ready, starting, arrivals: perReplica * ready, judged: 100, withinObjectives: 100 * share });

  it("adds a quarter at the first miss, keeps between what met and what missed, and returns slowly", () => {
    const policy = scalingPolicy("slo-driven", { downWindow: 100 });
    expect(policy.decide([of(0, 8, 1, 1)], 0)).toBe(8);
    // Missed at 3 a replica: 24 arrivals over 0.8 x 3 are 10.
    expect(policy.decide([of(15, 8, 3, 0.5)], 15)).toBe(10);
    expect(policy.decide([of(30, 10, 2.4, 1)], 30)).toBe(10);
    // 12 arrivals at 2.4 that met, with headroom: 12 / 1.92 = 6.25; the 10 of before counts for 100 s.
    expect(policy.decide([of(90, 10, 1.2, 1)], 90)).toBe(10);
    expect(policy.decide([of(116, 10, 1.2, 1)], 116)).toBe(10);
    expect(policy.decide([of(131, 10, 1.2, 1)], 131)).toBe(7);
  });

  it("knows nothing from few requests, and blames nobody while replicas start", () => {
    const policy = scalingPolicy("slo-driven", {});
    expect(policy.decide([{ ...of(0, 8, 3, 0), judged: 5, withinObjectives: 0 }], 0)).toBe(8);
    expect(policy.decide([of(15, 8, 3, 0, 2)], 15)).toBe(10);
    expect(policy.decide([of(30, 10, 3, 0)], 30)).toBe(13);
  });
});

describe.each(scalingPolicies.entries)("the autoscaler $name", (entry) => {
  it("keeps within its bounds, and asks for whole replicas, whatever it sees", () => {
    const some = fc.record({
      ready: fc.integer({ min: 0, max: 40 }),
      starting: fc.integer({ min: 0, max: 10 }),
      running: fc.double({ min: 0, max: 1e4, noNaN: true }),
      waiting: fc.double({ min: 0, max: 1e4, noNaN: true }),
      cacheUsage: fc.double({ min: 0, max: 1, noNaN: true }),
      arrivals: fc.double({ min: 0, max: 1e3, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const bounded = "least" in entry.parameters;
    fc.assert(
      fc.property(fc.array(some, { minLength: 1, maxLength: 30 }), (all) => {
        const policy = scalingPolicy(entry.name, bounded ? { least: 2, most: 20 } : {});
        const past: FleetObservation[] = [];
        all.forEach(({ share, ...measured }, step) => {
          const at = 15 * (step + 1);
          past.push(seen(at, { ...measured, judged: 50, withinObjectives: 50 * share }));
          const wanted = policy.decide(past, at);
          if (!bounded) expect(wanted).toBeUndefined();
          else expect(Number.isInteger(wanted) && wanted! >= 2 && wanted! <= 20, `${wanted}`).toBe(true);
        });
      }),
    );
  });

  it("leaves a fleet that it knows nothing of as it is", () => {
    expect(scalingPolicy(entry.name, {}).decide([], 10)).toBeUndefined();
  });
});
