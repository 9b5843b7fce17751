/** Collectives, traffic and jobs side by side on random fabrics: finite numbers that links can carry, or problems. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { ProblemError } from "../../src/base/problem.ts";
import { checkTerm } from "../../src/base/term.ts";
import { nodes } from "../../src/catalog/index.ts";
import { type Prediction, predict, scenarioFromValue } from "../../src/scenario/index.ts";

const some = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });
const one = fc.constantFrom;

/** Seldom: most of these keys are refused beside some topology. */
const seldom = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined, freq: 1 });

const tiers = one(
  { tiers: 1 },
  { tiers: 2, oversubscription: [1] },
  { tiers: 2, oversubscription: [4] },
  { tiers: 3, oversubscription: [0.5, 7] },
);
const clos = fc
  .tuple(
    fc.record({
      extends: one("roce-400g", "infiniband-ndr", "efa", "ethernet-100g"),
      topology: one("fat-tree", "rail-optimised", "rail-only", "dual-plane"),
      radix: one(32, 64, 256),
      nodesPerLeaf: seldom(one(1, 2, 4)),
      routing: some(
        fc.record({
          policy: one("ecmp", "adaptive", "spray", "deterministic"),
          forwarding: seldom(one("rail", "own")),
        }),
      ),
      failures: seldom(one(["spine 0"], ["leaf 0"], ["port 1"], ["leaf 0 -> spine 0"], ["banana"])),
      buildings: seldom(one({ count: 2, bandwidth: "1 Tbit/s", roundTrip: "1 ms" })),
    }),
    tiers,
  )
  .map(([own, shape]) => ({ ...own, ...shape }));
const other = fc.record({
  extends: one("slingshot", "roce-400g"),
  topology: one("dragonfly", "torus-2d", "torus-3d", "direct"),
  radix: seldom(one(16, 64)),
});
const fabric = fc.oneof({ weight: 4, arbitrary: clos }, { weight: 1, arbitrary: other }, fc.constant(undefined));

const collective = fc.record({
  kind: fc.constant("collective"),
  operation: one("all-reduce", "all-gather", "reduce-scatter", "all-to-all", "broadcast", "reduce", "send-receive"),
  sizes: one(["1 KiB"], ["1 MiB", "1 GiB"]),
  group: some(one({ perNode: 1 }, { size: 2 }, { accelerators: [0, 1, 9] }, { size: 1 })),
  method: some(one("flows", "closed-form")),
});

const traffic = fc.record({
  kind: fc.constant("traffic"),
  pattern: one("permutation", "all-to-all", "incast", "halo-2d", "transpose", "broadcast-tree", "neighbour", "pairs"),
  size: one("1 B", "1 MiB"),
});

const job = (name: string) => ({
  name,
  nodes: 2,
  placement: "alternate",
  workload: { kind: "training", model: "llama-3.1-8b", sequenceLength: 2048, globalBatch: 64 },
  layout: { microBatch: 1, sharding: "full", recompute: "full" },
});

const what = fc.oneof(
  collective.map((workload) => ({ workload })),
  traffic.map((workload) => ({ workload })),
  fc.constant({ workloads: [job("a"), job("b")] }),
);

function numbersOf({ metrics, points = [] }: Prediction): readonly number[] {
  return [...Object.values(metrics), ...points.flatMap((point) => Object.values(point.metrics))];
}

it("is predicted with finite numbers and links that are no more than full, or refused with problems", () => {
  let predictions = 0;
  fc.assert(
    fc.property(one(...nodes.names), fc.integer({ min: 1, max: 12 }), fabric, what, (node, count, joined, asked) => {
      const written = { windtunnel: 1, name: "random", cluster: { node, nodes: count, fabric: joined }, ...asked };
      let found: Prediction;
      try {
        // Keys that were not drawn are undefined, which JSON leaves out.
        found = predict(scenarioFromValue(JSON.parse(JSON.stringify(written))));
      } catch (error) {
        if (error instanceof ProblemError) return;
        throw error;
      }
      predictions += 1;
      checkTerm(found.terms);
      for (const value of numbersOf(found)) expect(Number.isFinite(value)).toBe(true);
      for (const { utilization } of found.links ?? []) expect(utilization).toBeLessThanOrEqual(1 + 1e-6);
    }),
    { numRuns: 600 },
  );
  expect(predictions).toBeGreaterThan(40);
}, 300_000);
