/**
 * Whatever a scenario says, within the language, it is predicted with finite numbers or refused with problems: never an
 * exception of ours. Names come from the whole catalog, hardware is changed at random, degrees are not made to divide.
 */

import fc from "fast-check";
import { expect, it } from "vitest";
import { ProblemError } from "../../src/base/problem.ts";
import { type Term, walkTerm } from "../../src/base/term.ts";
import { accelerators, fabrics, nodes } from "../../src/catalog/index.ts";
import { models } from "../../src/catalog/models/index.ts";
import { predict, scenarioFromValue } from "../../src/scenario/index.ts";
import { software } from "../../src/scenario/software.ts";

const one = fc.constantFrom;

/** Any of these keys may be absent. */
const some = (keys: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc.record(keys, { requiredKeys: [] });

const bandwidth = one("17 MB/s", "3 GB/s", "400 Gbit/s", "1.8 TB/s");
const degree = one(1, 1, 1, 1, 2, 2, 4, 8);

const accelerator = some({
  extends: one(...accelerators.names),
  peak: some({ bf16: one("1 TFLOP/s", "5 PFLOP/s") }),
  memory: some({ capacity: one("1 GB", "80 GiB", "4 TB"), bandwidth: one("1 GB/s", "20 TB/s") }),
  multiprocessors: one(1, 7, 1000),
  power: one("unknown", "1 W", "1 MW"),
  scaleUp: some({ bandwidth }),
});

const node = some({
  extends: one(...nodes.names),
  accelerator: fc.oneof(one(...accelerators.names), accelerator),
  acceleratorsPerNode: one(1, 3, 4, 8, 72),
  scaleUp: some({
    domain: one(1, 4, 5, 8, 72),
    topology: one("switch", "mesh", "torus-2d", "torus-3d", "pcie"),
    bandwidth,
    reduction: one("none", "nvls"),
  }),
  nics: some({ count: one(0, 1, 8, 18), bandwidth }),
});

const fabric = some({
  extends: one(...fabrics.names),
  transport: one("infiniband", "roce", "ethernet", "efa", "dcn", "none"),
  topology: one("fat-tree", "rail-optimised"),
  tiers: one(0, 1, 2, 4),
  oversubscription: one([1], [1, 7], [8, 2, 1]),
  hopLatency: one("0 s", "1 us", "1 s"),
  nodesPerPod: one(1, 4, 100),
});

const lengths = some({
  packedLength: one(512, 8192, 131_072),
  packing: one("none", "greedy", "best-fit"),
  balance: one("none", "sorted", "workload"),
}).chain((rest) =>
  one(
    { ...rest, samples: [7, 300, 4096] },
    {
      ...rest,
      histogram: [
        { upTo: 100, share: 0.5 },
        { upTo: 2000, share: "50 %" },
      ],
    },
    { ...rest, lognormal: { median: 300, p99: 9000 } },
  ),
);

const workload = fc
  .record({ model: one(...models.names), sequenceLength: one(128, 4096, 131_072), globalBatch: one(64, 960, 15_360) })
  .chain((needed) =>
    some({
      tokens: one(1, "15T"),
      precision: one("fp32", "fp16", "bf16", "fp8", "fp8-block", "mxfp8", "nvfp4"),
      tuning: one("full", { method: "lora" }, { method: "lora", rank: 65_536, targets: ["linear_fc1"] }),
      multiTokenPrediction: one(0, 0, 0, 1),
    }).map((rest) => ({ kind: "training", ...needed, ...rest })),
  )
  .chain((whole) => {
    const { sequenceLength: _, ...others } = whole;
    return fc.oneof(
      { weight: 7, arbitrary: fc.constant<object>(whole) },
      { weight: 1, arbitrary: lengths.map((written) => ({ ...others, lengths: written })) },
    );
  });

const layout = some({
  tensor: degree,
  sequenceParallel: one("on", "off"),
  context: degree,
  contextInner: one(1, 2, 4),
  contextBalance: one("zig-zag", "contiguous"),
  pipeline: degree,
  expert: one(1, 1, 1, 4),
  microBatch: one(1, 2),
  schedule: one("gpipe", "1f1b"),
  recompute: one("none", "selective", "full", ["attention"]),
  sharding: one("none", "optimizer", "gradients", "full", "hybrid"),
  activationOffload: one(0, 0.5, 1),
});

const stack = fc.oneof(
  one(...software.names),
  some({
    extends: one(...software.names),
    cudaGraphs: one("none", "partial", "full"),
    dispatcher: one("all-to-all", "all-gather", "deepep", "hybridep"),
    contextExchange: one("ring", "all-gather", "all-to-all", "hierarchical"),
    routing: one("dropless", "capacity"),
    expertImbalance: one(1, 100),
    bytes: some({ master: one("0 B"), moments: one("0 B"), gradient: one("2 B") }),
  }),
);

const scenarios = fc
  .record({
    windtunnel: one(1),
    name: one("any"),
    cluster: fc
      .tuple(
        fc.oneof(one(...nodes.names), one(...nodes.names), node),
        one(1, 1, 2, 4, 16),
        fc.option(fc.oneof(one(...fabrics.names), fabric)),
      )
      .map(([kind, count, between]) => ({
        node: kind,
        nodes: count,
        ...(between === null ? {} : { fabric: between }),
      })),
    workload,
    layout,
    software: stack,
  })
  .map(withEffect);

/** Keys of context parallelism only where they have an effect: all else is refused, and is tried beside the code. */
function withEffect<S extends { readonly layout: object; readonly software: unknown }>(written: S): S {
  const { contextInner, contextBalance, ...rest } = written.layout as Record<string, unknown>;
  const { contextExchange } = Object(written.software) as Record<string, unknown>;
  const shared = Number(rest.context ?? 1) > 1;
  const inner = shared && contextInner !== undefined && contextExchange === "hierarchical" ? { contextInner } : {};
  return {
    ...written,
    layout: { ...rest, ...inner, ...(shared && contextBalance !== undefined ? { contextBalance } : {}) },
  };
}

it("is predicted with finite numbers, or refused with problems", () => {
  let predictions = 0;
  fc.assert(
    fc.property(scenarios, (written) => {
      try {
        const { metrics, terms } = predict(scenarioFromValue(written));
        predictions++;
        for (const [name, value] of Object.entries(metrics)) {
          expect(Number.isFinite(value) && value >= 0, `${name} ${value}`).toBe(true);
        }
        walkTerm(terms, (term: Term) => expect(term.value >= 0 && Number.isFinite(term.value), term.name).toBe(true));
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        for (const { message } of error.problems) expect(message).not.toMatch(/undefined|NaN|\[object/);
      }
    }),
    { numRuns: 2000 },
  );
  expect(predictions).toBeGreaterThan(100);
}, 300_000);
