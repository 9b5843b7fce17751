import { describe, expect, it } from "vitest";
import { softwareOf, trainingCase } from "../../test/training-case.ts";
import { platformOf } from "../network/index.ts";
import { type Layout, predictTraining, type SoftwareProfile, stepEvaluator, type TrainingCase } from "./index.ts";
import { groupsOf } from "./parallel.ts";
import { gathersOf, keptWeights, reductionsInside, stateBytes } from "./sharding.ts";
import { shardedUnit } from "./update.ts";

const replicas = 64;

function caseOf(
  software: string,
  layout: Partial<Layout>,
  state: Partial<SoftwareProfile["state"]> = {},
): TrainingCase {
  const base = softwareOf(software);
  const profile = { ...base, state: { ...base.state, ...state } };
  return trainingCase({
    model: "llama-3.1-8b",
    software: profile,
    layout: { data: replicas, ...layout },
    globalBatch: 256,
  });
}

/** Bytes per parameter times D where they are sharded, as the papers' tables write them. */
const table: readonly [string, string, Partial<Layout>, { readonly [part: string]: number }][] = [
  ["DDP", "megatron-core@2024.07", { sharding: "none" }, { weights: 2, gradients: 4, optimizer: 12 }],
  [
    "ZeRO-1",
    "megatron-core@2024.07",
    { sharding: "optimizer" },
    { weights: 2, gradients: 4, optimizer: 12 / replicas },
  ],

  [
    "ZeRO-2",
    "deepspeed@0.16",
    { sharding: "gradients" },
    { weights: 2, gradients: 2 / replicas, optimizer: 12 / replicas },
  ],
  [
    "ZeRO-3",
    "deepspeed@0.16",
    { sharding: "full" },
    { weights: 2 / replicas, gradients: 2 / replicas, optimizer: 12 / replicas },
  ],
  ["FSDP2", "torchtitan@2025", { sharding: "full" }, { weights: 0, gradients: 4 / replicas, optimizer: 12 / replicas }],
  [
    "HSDP over 8",
    "torchtitan@2025",
    { sharding: "hybrid", shardGroup: 8 },
    { weights: 0, gradients: 4 / 8, optimizer: 12 / 8 },
  ],
];

describe("state bytes per parameter", () => {
  it.each(table)("%s", (_name, software, layout, expected) => {
    expect(stateBytes(caseOf(software, layout), replicas, true)).toEqual(expected);
  });

  it("keep gradients whole where they are reduced once a step", () => {
    for (const sharding of ["gradients", "full"] as const) {
      const c = caseOf("torchtitan@2025", { sharding }, { reduceEvery: "step" });
      expect(stateBytes(c, replicas, true).gradients).toBe(4);
    }
  });

  it("of weights kept after the forward pass are all of them, or a few ranks' share", () => {
    const weights = { split: 1e9, replicated: 0, experts: 1e9 };
    const kept = (reshardAfterForward?: Layout["reshardAfterForward"]): number =>
      keptWeights(
        caseOf("torchtitan@2025", {
          sharding: "full",
          ...(reshardAfterForward === undefined ? {} : { reshardAfterForward }),
        }),
        weights,
      );
    expect([kept(), kept("always"), kept("never"), kept(8)]).toEqual([0, 0, 4e9, 0.5e9]);
  });
});

/** Gathers and reductions of a scheme. */
const traffic: readonly [string, string, Partial<Layout>, string, number][] = [
  ["DDP", "megatron-core@2024.07", { sharding: "none" }, "never", 0],
  ["ZeRO-1", "megatron-core@2024.07", { sharding: "optimizer" }, "step", 0],
  ["ZeRO-2", "deepspeed@0.16", { sharding: "gradients" }, "step", 1],
  ["SHARD_GRAD_OP", "llm-foundry@0.5", { sharding: "gradients" }, "forward", 1],
  ["ZeRO-3", "deepspeed@0.16", { sharding: "full" }, "both", 1],
  ["FSDP2", "torchtitan@2025", { sharding: "full" }, "both", 1],
  ["FSDP2 kept", "torchtitan@2025", { sharding: "full", reshardAfterForward: "never" }, "forward", 1],
  [
    "FSDP2 kept on a pipeline",
    "torchtitan@2025",
    { sharding: "full", reshardAfterForward: "never", pipeline: 4 },
    "step",
    1,
  ],
  [
    "rounds of a pipeline",
    "torchtitan@2025",
    { sharding: "gradients", pipeline: 4, schedule: "interleaved", virtualStages: 2 },
    "forward",
    1 / 4,
  ],
];

describe("traffic of a scheme", () => {
  it.each(traffic)("%s", (name, software, layout, gathers, reduces) => {
    const c = caseOf(software, layout, name.startsWith("rounds") ? { reduceEvery: "round" } : {});
    expect([gathersOf(c), reductionsInside(c)]).toEqual([gathers, reduces]);
  });

  it("of a layer is two gathers and a scatter: three times (D-1)/D of its bytes in 16 bit", () => {
    const c = caseOf("deepspeed@0.16", { sharding: "full" });
    const platform = platformOf(c.cluster);
    const unit = shardedUnit(c, { split: 1e9, replicated: 0, experts: 0 }, groupsOf(c.layout, platform), platform);
    expect(unit.backward).toBe(unit.forward);
    // Large messages run at bandwidth: scattering as many bytes takes as long as gathering them.
    expect(unit.scatter / unit.forward).toBeCloseTo(1, 1);
    const none = shardedUnit(
      { ...c, layout: { ...c.layout, reshardAfterForward: "never" } },
      { split: 1e9, replicated: 0, experts: 0 },
      groupsOf(c.layout, platform),
      platform,
    );
    expect(none.backward).toBe(0);
  });

  it("stays inside the node for weights resharded over its ranks", () => {
    const c = caseOf("torchtitan@2025", { sharding: "full", reshardAfterForward: 8 });
    const platform = platformOf(c.cluster);
    const unit = shardedUnit(c, { split: 1e9, replicated: 0, experts: 0 }, groupsOf(c.layout, platform), platform);
    expect(unit.backward).toBeLessThan(unit.forward);
  });
});

describe("a step under sharding", () => {
  const at = (layout: Partial<Layout>): { readonly time: number; readonly memory: number } => {
    const c = caseOf("torchtitan@2025", { sharding: "full", microBatch: 1, ...layout });
    return { time: stepEvaluator(c).evaluate(c.layout).stepTime, memory: predictTraining(c).memory.total };
  };

  it("trades memory for traffic: kept weights are faster and larger, a node's share in between", () => {
    const [always, node, never] = [at({}), at({ reshardAfterForward: 8 }), at({ reshardAfterForward: "never" })];
    expect(node.time).toBeLessThanOrEqual(always.time);
    expect(never.time).toBeLessThanOrEqual(node.time);
    expect(node.memory).toBeGreaterThan(always.memory);
    expect(never.memory).toBeGreaterThan(node.memory);
  });

  it("resharded over all ranks is resharded always", () => {
    expect(at({ reshardAfterForward: replicas }).time).toBe(at({}).time);
  });
});
