/** Training cases for tests: one by hand from catalog names, or at random over models, clusters, stacks and layouts. */

import fc from "fast-check";
import { clusterOf, findModel, type ModelArchitecture, nodes } from "../src/catalog/index.ts";
import {
  defaultSoftware,
  type Layout,
  oneRank,
  type Recompute,
  type SoftwareProfile,
  softwareProfiles,
  type TrainingCase,
} from "../src/training/index.ts";

/** The architecture of a catalog name; throws on an unknown one. */
export function modelOf(name: string): ModelArchitecture {
  const found = findModel(name);
  if (!found.ok) throw new Error(found.problems.map(({ message }) => message).join("; "));
  return found.model;
}

/** The profile of `name@version`; throws on an unknown one. */
export function softwareOf(name: string): SoftwareProfile {
  const found = softwareProfiles.find((profile) => `${profile.name}@${profile.version}` === name);
  if (found === undefined) throw new Error(`unknown software ${name}`);
  return found;
}

export type CaseText = Partial<Omit<TrainingCase, "model" | "cluster" | "layout" | "software">> & {
  readonly model: string;
  readonly node?: string;
  readonly software?: string | SoftwareProfile;
  readonly layout?: Partial<Layout>;
};

/** A case whose cluster has as many accelerators as its layout has ranks. */
export function trainingCase(text: CaseText): TrainingCase {
  const { model, node = "hgx-h100", software = defaultSoftware, layout: written, ...rest } = text;
  const layout = { ...oneRank, ...written };
  const type = nodes.get(node);
  const ranks = layout.tensor * layout.context * layout.pipeline * layout.data;
  return {
    model: modelOf(model),
    cluster: clusterOf({ node: type, nodes: Math.max(1, Math.ceil(ranks / type.acceleratorsPerNode)) }),
    sequenceLength: 4096,
    globalBatch: layout.data * layout.microBatch * 4 * layout.pipeline,
    precision: "bf16",
    tuning: { method: "full" },
    multiTokenModules: 0,
    highPrecisionLayers: { first: 0, last: 0 },
    software: typeof software === "string" ? softwareOf(software) : software,
    ...rest,
    layout,
  };
}

/** Dense, MoE, latent and hybrid models of the catalog. */
export const modelNames: readonly string[] = [
  "llama-3.1-8b",
  "llama-3.1-70b",
  "llama-3.1-405b",
  "deepseek-v3",
  "qwen3-30b-a3b",
  "mixtral-8x7b-v0.1",
  "gpt-3-175b",
  "nvidia-nemotron-3-nano-30b-a3b",
  "gpt-oss-20b",
  "gpt-oss-120b",
];

const nodeNames = ["hgx-a100", "hgx-h100", "hgx-b200", "gb200-nvl72", "gb300-nvl72"] as const;

const recomputes: readonly Recompute[] = [
  "none",
  "selective",
  "full",
  ["mlp"],
  ["moe"],
  ["layer-norm", "expert-activation"],
  ["attention"],
];

/** Draws of a random case before they are made to divide. */
interface Draw {
  readonly model: string;
  readonly node: string;
  readonly stack: number;
  readonly tensor: number;
  readonly sequenceParallel: "on" | "off";
  readonly context: number;
  readonly pipeline: number;
  readonly data: number;
  readonly expert: number;
  readonly microBatch: number;
  readonly groups: number;
  readonly sequenceLength: number;
  readonly recompute: Recompute;
  readonly sharding: Layout["sharding"];
  readonly precision: "bf16" | "fp8";
  readonly chunks: number;
  readonly overlap: SoftwareProfile["overlap"];
  readonly cudaGraphs: SoftwareProfile["cudaGraphs"];
  readonly dispatcher: SoftwareProfile["dispatcher"];
  readonly contextExchange: SoftwareProfile["contextExchange"];
  readonly contextBalance: "zig-zag" | "contiguous";
  readonly routing: SoftwareProfile["routing"];
}

const powers = (most: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: most }).map((power) => 1 << power);
const either = fc.constantFrom<"on" | "off">("on", "off");

const draws: fc.Arbitrary<Draw> = fc.record({
  model: fc.constantFrom(...modelNames),
  node: fc.constantFrom(...nodeNames),
  stack: fc.nat({ max: softwareProfiles.length - 1 }),
  tensor: powers(3),
  sequenceParallel: either,
  context: powers(2),
  pipeline: powers(4),
  data: powers(5),
  expert: powers(6),
  microBatch: powers(2),
  groups: fc.integer({ min: 1, max: 6 }),
  sequenceLength: fc.constantFrom(2048, 4096, 8192),
  recompute: fc.constantFrom(...recomputes),
  sharding: fc.constantFrom<Layout["sharding"]>("none", "optimizer", "gradients", "full", "hybrid"),
  precision: fc.constantFrom<"bf16" | "fp8">("bf16", "fp8"),
  chunks: fc.integer({ min: 1, max: 4 }),
  overlap: fc.record({
    tensor: either,
    tensorGradient: either,
    gradientReduce: either,
    parameterGather: either,
    pipeline: either,
    optimizerOffload: either,
    expert: either,
    sharedExpert: either,
  }),
  cudaGraphs: fc.constantFrom<SoftwareProfile["cudaGraphs"]>("none", "partial", "full"),
  dispatcher: fc.constantFrom<SoftwareProfile["dispatcher"]>("all-to-all", "all-gather", "deepep", "hybridep"),
  contextExchange: fc.constantFrom<SoftwareProfile["contextExchange"]>(
    "ring",
    "all-gather",
    "all-to-all",
    "hierarchical",
  ),
  contextBalance: fc.constantFrom<"zig-zag" | "contiguous">("zig-zag", "contiguous"),
  routing: fc.constantFrom<SoftwareProfile["routing"]>("dropless", "capacity"),
});

/** Cases over everything that changes a step: models, nodes, stacks with their switches, degrees, schedules. */
export const randomCases: fc.Arbitrary<TrainingCase> = draws.map(caseOf);

function caseOf(draw: Draw): TrainingCase {
  const model = modelOf(draw.model);
  const node = nodes.get(draw.node);
  const tensor = Math.min(draw.tensor, largestTensor(model));
  const pipeline = Math.min(draw.pipeline, model.layers.length);
  const { context, sequenceLength } = draw;
  const inner = tensor * context * pipeline;
  // Whole nodes, so that the ranks are the cluster's accelerators.
  const data = Math.max(draw.data, Math.ceil(node.acceleratorsPerNode / inner));
  const most = Math.max(1, Math.floor(model.layers.length / pipeline));
  const virtualStages = pipeline === 1 ? 1 : Math.min(draw.chunks, most);
  const sharding = pipeline > 1 && draw.sharding === "hybrid" ? "optimizer" : draw.sharding;
  const low = node.accelerator.peak.fp8 !== undefined && draw.precision === "fp8";
  const profile = softwareProfiles[draw.stack] ?? softwareOf(defaultSoftware);
  const { overlap, cudaGraphs, dispatcher, contextExchange, routing } = draw;
  const layout: Layout = {
    ...oneRank,
    tensor,
    sequenceParallel: tensor > 1 ? draw.sequenceParallel : "off",
    context,
    ...(draw.contextExchange === "hierarchical" ? { contextInner: Math.min(context, 2) } : {}),
    contextBalance: draw.contextBalance,
    pipeline,
    virtualStages,
    data,
    expert: expertDegree(model, draw.expert, tensor * context * data),
    microBatch: draw.microBatch,
    schedule: virtualStages > 1 ? "interleaved" : "1f1b",
    recompute: draw.recompute,
    sharding,
    ...(sharding === "hybrid" ? { shardGroup: Math.min(8, data * context) } : {}),
  };
  return {
    model,
    cluster: clusterOf({ node, nodes: (inner * data) / node.acceleratorsPerNode }),
    sequenceLength,
    globalBatch: data * draw.microBatch * draw.groups * pipeline,
    precision: low ? "fp8-current" : "bf16",
    tuning: { method: "full" },
    multiTokenModules: 0,
    highPrecisionLayers: { first: 0, last: 0 },
    layout,
    software: { ...profile, overlap, cudaGraphs, dispatcher, contextExchange, routing },
  };
}

function largestTensor({ layerKinds }: ModelArchitecture): number {
  let most = 8;
  for (const { mixer } of layerKinds) {
    if (mixer.kind !== "none") while (mixer.heads % most !== 0) most /= 2;
  }
  return most;
}

function expertDegree({ layerKinds }: ModelArchitecture, wanted: number, ranks: number): number {
  let degree = wanted;
  for (const { feedForward } of layerKinds) {
    const experts = feedForward.kind === "experts" ? feedForward.experts : 1;
    while (experts % degree !== 0 || ranks % degree !== 0) degree /= 2;
  }
  return degree;
}
