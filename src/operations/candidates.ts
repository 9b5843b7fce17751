/** Changes worth trying on a design, from what it is: one key or one pair of degrees at a time. */

import {
  type Layout,
  type Sharding,
  type SoftwareProfile,
  schedules,
  type TrainingCase,
  type TrainingPrecision,
} from "../training/index.ts";

export interface Edit {
  readonly layout?: Partial<Layout>;
  readonly precision?: TrainingPrecision;
  readonly software?: Partial<Pick<SoftwareProfile, "cudaGraphs" | "contextExchange" | "dispatcher" | "optimizer">> & {
    readonly overlap?: Partial<SoftwareProfile["overlap"]>;
    readonly kernels?: Partial<SoftwareProfile["kernels"]>;
  };
}

export interface Candidate {
  /** As a scenario writes it: `layout.tensor: 4, layout.data: 16`. */
  readonly change: string;
  readonly reason: string;
  readonly needs?: string;
  readonly edit: Edit;
}

export function candidatesOf(c: TrainingCase): readonly Candidate[] {
  return [...layoutCandidates(c), ...degreeCandidates(c.layout), ...precisionCandidates(c), ...softwareCandidates(c)];
}

function inLayout(layout: Partial<Layout>, reason: string, needs?: string): Candidate {
  const change = Object.entries(layout).map(([key, value]) => `layout.${key}: ${value}`);
  return { change: change.join(", "), reason, ...(needs === undefined ? {} : { needs }), edit: { layout } };
}

const shardings: readonly Sharding[] = ["none", "optimizer", "gradients", "full", "hybrid"];

/** Everything that keeps the degrees. */
function layoutCandidates({ layout, model }: TrainingCase): readonly Candidate[] {
  const { recompute, microBatch, pipeline, virtualStages, schedule, sharding } = layout;
  const less = recompute === "none" ? [] : recompute === "selective" ? ["none"] : ["none", "selective"];
  const finer = [virtualStages * 2, virtualStages + 1, Math.floor(virtualStages / 2)];
  return [
    ...(less as ("none" | "selective")[]).map((wanted) =>
      inLayout({ recompute: wanted }, "fewer activations are computed twice, where memory allows"),
    ),
    ...fewerRecomputed(layout, model.layers.length),
    ...(layout.activationOffload > 0
      ? [inLayout({ activationOffload: 0 }, "no activations wait for the host's memory")]
      : []),
    ...(layout.tensor > 1 && layout.sequenceParallel === "off"
      ? [inLayout({ sequenceParallel: "on" }, "norms are split over the tensor group")]
      : []),
    inLayout({ microBatch: 2 * microBatch }, "larger products, fewer launches; a longer pipeline fill"),
    ...(microBatch > 1 ? [inLayout({ microBatch: Math.floor(microBatch / 2) }, "a shorter pipeline fill")] : []),
    ...(pipeline > 1
      ? finer
          .filter((chunks) => chunks > 1 && chunks !== virtualStages)
          .map((chunks) =>
            inLayout(
              { virtualStages: chunks, schedule: "interleaved" },
              "another interleaving: bubble against transfers",
            ),
          )
      : []),
    ...(pipeline > 1
      ? Object.keys(schedules)
          .filter((name) => name !== schedule && name !== "interleaved")
          .map((name) => inLayout({ schedule: name as Layout["schedule"] }, "another order of passes", stackThatHasIt))
      : []),
    ...shardings
      .filter((wanted) => wanted !== sharding)
      .map((wanted) => inLayout({ sharding: wanted }, "model state spread otherwise: memory against traffic")),
  ];
}

/** With full recompute, half of the layers of a stage that it covers now. */
function fewerRecomputed({ recompute, recomputeLayers, pipeline }: Layout, layers: number): readonly Candidate[] {
  const half = Math.floor((recomputeLayers ?? Math.ceil(layers / pipeline)) / 2);
  if (recompute !== "full" || half === 0) return [];
  return [inLayout({ recomputeLayers: half }, "fewer layers are computed twice, where memory allows")];
}

/** One degree halved or doubled, the data-parallel degree against it; and tensor against pipeline. */
function degreeCandidates(layout: Layout): readonly Candidate[] {
  const { data, expert } = layout;
  const found: Candidate[] = [];
  for (const name of ["tensor", "context", "pipeline"] as const) {
    const degree = layout[name];
    const less = `less ${name} parallelism: fewer exchanges inside a step, more replicas`;
    if (degree % 2 === 0) found.push(inLayout({ [name]: degree / 2, data: 2 * data }, less));
    const more = `more ${name} parallelism: fewer replicas to reduce over, smaller shards`;
    if (data % 2 === 0) found.push(inLayout({ [name]: 2 * degree, data: data / 2 }, more));
  }
  for (const [one, other] of [
    ["tensor", "pipeline"],
    ["pipeline", "tensor"],
  ] as const) {
    const reason = `${other} in place of ${one} parallelism`;
    if (layout[one] % 2 === 0) found.push(inLayout({ [one]: layout[one] / 2, [other]: 2 * layout[other] }, reason));
  }
  if (expert % 2 === 0) found.push(inLayout({ expert: expert / 2 }, "experts on fewer ranks: shorter exchanges"));
  found.push(inLayout({ expert: 2 * expert }, "experts over more ranks: larger products for each"));
  return found;
}

const otherArithmetic = "other arithmetic: check that the loss still converges";

/** One step down, in the recipe of the generation: micro-scaled where the part has 4-bit units, else by tensor. */
function precisionCandidates({ precision, cluster }: TrainingCase): readonly Candidate[] {
  const scaled = cluster.node.accelerator.peak.fp4 !== undefined;
  const next: Partial<Record<TrainingPrecision, TrainingPrecision>> = {
    fp32: "bf16",
    tf32: "bf16",
    fp16: scaled ? "mxfp8" : "fp8-current",
    bf16: scaled ? "mxfp8" : "fp8-current",
  };
  const lower = next[precision];
  if (lower === undefined) return [];
  const change = `workload.precision: ${lower}`;
  return [{ change, reason: "matrix products at a higher rate", needs: otherArithmetic, edit: { precision: lower } }];
}

const stackThatHasIt = "a stack that has it";

function inSoftware(key: string, value: string, reason: string, software: NonNullable<Edit["software"]>): Candidate {
  return { change: `software.${key}: ${value}`, reason, needs: stackThatHasIt, edit: { software } };
}

const overlapReasons: Readonly<Record<keyof SoftwareProfile["overlap"], string>> = {
  tensor: "tensor-parallel exchanges run under the products",
  tensorGradient: "input gradients travel under their weight gradients",
  gradientReduce: "gradients are reduced under the backward pass",
  parameterGather: "parameters are gathered under the forward pass",
  pipeline: "transfers between stages run under computation",
  expert: "expert exchanges run under another micro-batch",
  sharedExpert: "expert exchanges run under the shared experts",
  optimizerOffload: "the host updates its state while the accelerator updates the rest",
};

/** Switches that the stack has off, and its slower kernels. */
function softwareCandidates({ software, layout }: TrainingCase): readonly Candidate[] {
  const { overlap, kernels, cudaGraphs, dispatcher, contextExchange, optimizer } = software;
  const moot = new Set<string>([
    ...(layout.optimizerOffload === undefined ? ["optimizerOffload"] : []),
    // One exchange hides under one thing.
    ...(overlap.expert === "on" ? ["sharedExpert"] : []),
  ]);
  const names = Object.keys(overlap) as (keyof typeof overlap)[];
  const off = names.filter((name) => overlap[name] === "off" && !moot.has(name));
  const found = off.map((name) =>
    inSoftware(`overlap.${name}`, "on", overlapReasons[name], { overlap: { [name]: "on" } }),
  );
  const kernel = (key: keyof typeof kernels, value: string, reason: string): void => {
    if (kernels[key] !== value) found.push(inSoftware(`kernels.${key}`, value, reason, { kernels: { [key]: value } }));
  };
  if (kernels.attention === "unfused") kernel("attention", "flash", "scores are never stored");
  if (kernels.attention === "flash-1") kernel("attention", "flash", "a newer attention kernel");
  kernel("crossEntropy", "fused", "one pass over the logits");
  kernel("expertBias", "fused", "biases and gates in the products");
  kernel("recompute", "needed", "recompute stops once every input is back");
  if (kernels.elementwise === "eager" || kernels.elementwise === "fused") {
    kernel("elementwise", "transformer-engine", "norms, activations and casts in fewer passes");
  }
  if (cudaGraphs !== "full") {
    found.push(inSoftware("cudaGraphs", "full", "no waiting for launches", { cudaGraphs: "full" }));
  }
  if (optimizer !== "fused") {
    found.push(inSoftware("optimizer", "fused", "one pass over the optimizer's state", { optimizer: "fused" }));
  }
  if (layout.expert > 1) {
    for (const other of (["deepep", "hybridep", "all-to-all"] as const).filter((name) => name !== dispatcher)) {
      found.push(inSoftware("dispatcher", other, "another dispatcher of tokens", { dispatcher: other }));
    }
  }
  if (layout.context > 1) {
    for (const other of (["ring", "all-gather", "all-to-all"] as const).filter((name) => name !== contextExchange)) {
      const reason = "another exchange of keys and values";
      found.push(inSoftware("contextExchange", other, reason, { contextExchange: other }));
    }
  }
  return found;
}
