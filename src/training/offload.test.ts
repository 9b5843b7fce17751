import { describe, expect, it } from "vitest";
import { softwareOf, trainingCase } from "../../test/training-case.ts";
import { findTerm } from "../base/term.ts";
import { adapterTargets, type Layout, predictTraining, stepEvaluator, type TrainingCase } from "./index.ts";
import { hostUpdateTime } from "./offload.ts";

function caseOf(layout: Partial<Layout>, node = "hgx-h100", software = "megatron-core@2024.07"): TrainingCase {
  return trainingCase({ model: "llama-3.1-8b", node, software, layout: { data: 64, ...layout }, globalBatch: 256 });
}

const stepTime = (c: TrainingCase): number => stepEvaluator(c).evaluate(c.layout).stepTime;
const part = (c: TrainingCase, name: string): number => findTerm(predictTraining(c).term, name)?.value ?? 0;
const optimizerBytes = (c: TrainingCase): number =>
  predictTraining(c).memory.parts.find(({ name }) => name === "optimizer")?.value ?? Number.NaN;

describe("optimizer state on the host", () => {
  it("leaves the accelerator in proportion", () => {
    const whole = optimizerBytes(caseOf({}));
    for (const share of [0.25, 0.5, 1]) {
      expect(optimizerBytes(caseOf({ optimizerOffload: share })) / whole).toBeCloseTo(1 - share, 12);
    }
  });

  it("costs gradients down, 30 bytes a parameter of host memory, weights up: in turn or the longest of them", () => {
    const c = caseOf({ optimizerOffload: 1 });
    const { link, memory = 0 } = c.cluster.node.host ?? { link: 0 };
    const [down, host, up] = [(1e9 * 4) / link, (1e9 * (2 * 12 + 4 + 2)) / (memory / 8), (1e9 * 2) / link];
    const inTurn = {
      ...c,
      software: { ...c.software, overlap: { ...c.software.overlap, optimizerOffload: "off" } },
    } as const;
    expect(hostUpdateTime(inTurn, 1e9, 32)).toBeCloseTo(down + host + up, 12);
    expect(hostUpdateTime(c, 1e9, 1e12)).toBeCloseTo(Math.max(down, host, up), 9);
    expect(hostUpdateTime(c, 1e9, 32)).toBeLessThan(hostUpdateTime(inTurn, 1e9, 32));
  });

  it("slows the step as more of it moves, less over a faster link", () => {
    const times = [0, 0.5, 1].map((optimizerOffload) => stepTime(caseOf({ optimizerOffload, data: 8 })));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const grace = caseOf({ optimizerOffload: 1, data: 8 }, "gb200-nvl72");
    expect(part(grace, "hostUpdate")).toBeLessThan(part(caseOf({ optimizerOffload: 1, data: 8 }), "hostUpdate"));
  });

  it("costs the update of what learns alone: adapters cross the link, frozen weights do not", () => {
    const at = (rank: number, optimizerOffload: number): TrainingCase => {
      const c = caseOf({ data: 8, sharding: "none", recompute: "full", optimizerOffload });
      const node = { ...c.cluster.node, host: { link: 1e9, memory: 10e9 } };
      const tuning = { method: "lora", rank, targets: adapterTargets } as const;
      return { ...c, tuning, cluster: { ...c.cluster, node } };
    };
    expect(part(at(256, 0), "hostUpdate")).toBe(0);
    expect(part(at(256, 1), "hostUpdate")).toBeGreaterThan(0);
    expect(stepTime(at(256, 1))).toBeGreaterThan(stepTime(at(256, 0)));
    // What the accelerator does beside it is proportional, too.
    expect(part(at(256, 1), "hostUpdate") / part(at(64, 1), "hostUpdate")).toBeCloseTo(4, 9);
    const whole = { ...at(256, 1), tuning: { method: "full" } } as const;
    expect(part(at(256, 1), "hostUpdate")).toBeLessThan(0.2 * part(whole, "hostUpdate"));
  });

  it("includes adapters under weight offload", () => {
    const c = caseOf({ sharding: "full", weightOffload: "on" }, "hgx-h100", "torchtitan@2025");
    const tuning = { method: "lora", rank: 256, targets: adapterTargets } as const;
    expect(part({ ...c, tuning }, "hostUpdate")).toBeGreaterThan(0);
  });

  it("of weights, too, leaves no state on the accelerator", () => {
    const c = caseOf({ sharding: "full", weightOffload: "on" }, "hgx-h100", "torchtitan@2025");
    expect(predictTraining(c).memory.modelState).toBe(0);
    expect(stepTime(c)).toBeGreaterThan(stepTime(caseOf({ sharding: "full" }, "hgx-h100", "torchtitan@2025")));
  });
});

describe("frozen weights on the host", () => {
  const frozen = (tuning: TrainingCase["tuning"]): TrainingCase => {
    const c = caseOf({ sharding: "full", weightOffload: "on" }, "hgx-h100", "torchtitan@2025");
    const node = { ...c.cluster.node, host: { link: 0.2e9, memory: 1e12 } };
    return { ...c, tuning, cluster: { ...c.cluster, node } };
  };
  const sharded = (tuning: TrainingCase["tuning"]): number => part(frozen(tuning), "sharded");

  it("send no gradients down, and under the first layer that learns come up once", () => {
    const lora = { method: "lora", rank: 8, targets: adapterTargets } as const;
    expect(sharded(lora)).toBeLessThan(sharded({ method: "full" }));
    expect(sharded({ ...lora, frozenLayers: 16 })).toBeLessThan(sharded(lora));
    // Four micro-batches, 32 layers of 218.1 M in 64 shards: 2 bytes up for each pass, nothing down.
    const c = frozen(lora);
    const copied = (4 * 2 * 2 * 32 * 218.1e6) / 64 / (c.cluster.node.host?.link ?? 0);
    const { forwardTime, backwardTime } = stepEvaluator(c).evaluate(c.layout).busiest;
    expect(4 * (forwardTime + backwardTime)).toBeGreaterThan(copied);
    expect(4 * (forwardTime + backwardTime)).toBeLessThan(1.3 * copied);
  });
});

describe("activations on the host", () => {
  it("cost nothing that computation hides, and the rest of the copy otherwise", () => {
    const at = (link: number, activationOffload: number): TrainingCase => {
      const c = caseOf({ activationOffload });
      return { ...c, cluster: { ...c.cluster, node: { ...c.cluster.node, host: { link } } } };
    };
    expect(part(at(1e15, 1), "offload")).toBe(0);
    expect(stepTime(at(1e15, 1))).toBe(stepTime(at(1e15, 0)));
    const slow = [1e9, 2e9, 4e9].map((link) => stepTime(at(link, 1)));
    expect(slow).toEqual([...slow].sort((a, b) => b - a));
    expect(part(at(1e9, 1), "offload")).toBeGreaterThan(0);
  });
});

describe("Muon", () => {
  const muon = { ...softwareOf("megatron-core@2024.07"), optimizerRule: "muon" } as const;

  it("adds its iterations to the update and needs less state", () => {
    const adam = caseOf({});
    const other = { ...adam, software: muon };
    expect(part(adam, "orthogonalisation")).toBe(0);
    expect(part(other, "orthogonalisation")).toBeGreaterThan(0);
    expect(optimizerBytes(other)).toBeLessThan(optimizerBytes(adam));
    // Eight of twelve bytes would be left if every parameter were in a matrix.
    expect(optimizerBytes(other) / optimizerBytes(adam)).toBeGreaterThan(8 / 12);
  });

  it("reduces whole gradients", () => {
    const off = { gradientReduce: "off", parameterGather: "off" } as const;
    const at = (optimizerRule: "adam" | "muon"): number => {
      const c = caseOf({});
      const software = { ...muon, optimizerRule, overlap: { ...muon.overlap, ...off } };
      return part({ ...c, software }, "gradientReduce");
    };
    // Between boxes a ring all-reduce takes twice a reduce-scatter; a tree or the switch takes less.
    expect(at("muon")).toBeGreaterThan(at("adam"));
    expect(at("muon") / at("adam")).toBeLessThan(2.1);
  });
});
