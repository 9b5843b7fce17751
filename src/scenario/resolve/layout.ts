/**
 * From a layout as written to a complete one. Degrees must multiply to the accelerators, heads, layers, experts and
 * batch must divide; everything that does not is reported with both numbers.
 */

import type { Cluster } from "../../catalog/cluster.ts";
import type { ModelArchitecture } from "../../catalog/model.ts";
import type { Layout, Sharding } from "../../training/layout.ts";
import { scheduleOf } from "../../training/schedule/index.ts";
import type { SoftwareProfile } from "../../training/software.ts";
import { endsAreUsual, parseStageText } from "../../training/stage-text.ts";
import { finestInterleaving, stageLayerCounts, stagesOf } from "../../training/stages.ts";
import type { LayoutText } from "../schema/layout.ts";
import { contextProblems, resolveContext } from "./context.ts";
import { given, type Notes, problem } from "./notes.ts";
import { hasExperts, modelProblems } from "./shape.ts";
import { offloadProblems, scheduleProblems, sharedOverlapProblems, tensorOverlapProblems } from "./techniques.ts";

const notGiven = "not given";

export interface LayoutContext {
  readonly cluster: Cluster;
  readonly model: ModelArchitecture;
  readonly sequenceLength: number;
  /** Key that gives it. */
  readonly lengthPath: string;
  readonly globalBatch: number;
  readonly software: SoftwareProfile;
  /** Over pools: how the job is spread, and whether its layers or its batch are. */
  readonly spread?: { readonly by: "pipeline" | "data"; readonly balance: "even" | "balanced" };
  /** MTP modules trained. */
  readonly multiTokenModules: number;
}

/** The complete layout; problems and defaults go to the notes. */
export function resolveLayout(written: LayoutText, context: LayoutContext, notes: Notes): Layout {
  const before = notes.problems.length;
  const layout = fillLayout(written, context, notes);
  degreeProblems(layout, written, context, notes);
  batchProblems(layout, context, notes);
  stageProblems(layout, context, notes);
  uselessKeys(written, layout, context, notes);
  scheduleProblems(layout, context, notes);
  offloadProblems(layout, context, notes);
  tensorOverlapProblems(layout, context, notes);
  sharedOverlapProblems(context, notes);
  modelProblems(layout, context, notes);
  contextProblems(written, layout, context, notes);
  if (notes.problems.length === before) describeStages(layout, context, notes);
  return layout;
}

function fillLayout(written: LayoutText, context: LayoutContext, notes: Notes): Layout {
  const take = <Value extends string | number>(
    key: keyof LayoutText,
    fallback: Value,
    reason: string = notGiven,
  ): Value => given(notes, `layout.${key}`, written[key] as Value | undefined, fallback, reason);
  const tensor = take("tensor", 1);
  const pipeline = take("pipeline", 1);
  const contextDegree = take("context", 1);
  const data = dataDegree(written, tensor * contextDegree * pipeline, context, notes);
  const microBatch = take("microBatch", 1);
  const virtualStages = virtualStagesOf(written, { pipeline, data, microBatch }, context, notes);
  const stages = stagesWritten(written, context, notes);
  const experts = hasExperts(context.model);
  const expert = experts ? take("expert", 1) : (written.expert ?? 1);
  const expertTensor = experts
    ? take("expertTensor", expert > 1 ? 1 : tensor, "1 with expert parallelism, else as tensor (Megatron-Core)")
    : (written.expertTensor ?? 1);
  const sharding = take<Sharding>("sharding", "optimizer", "not given; distributed optimizer, usual in current stacks");
  return {
    tensor,
    sequenceParallel: take("sequenceParallel", tensor > 1 ? "on" : "off", "not given; on with tensor > 1"),
    context: contextDegree,
    ...resolveContext(written, { tensor, context: contextDegree }, context, notes),
    pipeline,
    virtualStages,
    data,
    expert,
    expertTensor,
    microBatch,
    schedule: take("schedule", virtualStages > 1 ? "interleaved" : "1f1b", "not given; follows from virtualStages"),
    recompute: recomputeOf(written, notes),
    ...(written.recomputeLayers === undefined ? {} : { recomputeLayers: written.recomputeLayers }),
    sharding,
    ...(sharding === "hybrid" ? { shardGroup: shardGroup(written, data * contextDegree, tensor, context, notes) } : {}),
    ...stages,
    ...(written.reshardAfterForward === undefined
      ? {}
      : { reshardAfterForward: resharded(written, data * contextDegree, tensor, context) }),
    ...(written.optimizerOffload === undefined ? {} : { optimizerOffload: written.optimizerOffload }),
    ...(written.weightOffload === undefined ? {} : { weightOffload: written.weightOffload }),
    activationOffload: take("activationOffload", 0),
  };
}

/** Interleaved as finely as the layers allow, where the stack hides the transfers this adds and nothing else is said. */
function virtualStagesOf(
  written: LayoutText,
  layout: Pick<Layout, "pipeline" | "data" | "microBatch">,
  context: LayoutContext,
  notes: Notes,
): number {
  const { pipeline, data, microBatch } = layout;
  if (written.schedule !== undefined && scheduleOf(written.schedule).chunks === "two") {
    const follows = `not given; ${written.schedule} runs two model chunks on each rank`;
    return given(notes, "layout.virtualStages", written.virtualStages, 2, follows);
  }
  const open = written.schedule === undefined || written.schedule === "interleaved";
  // Over pools every chunk would cross from one to the next, and back.
  const plain = written.stageLayers === undefined && context.spread === undefined;
  const free = open && plain && context.software.overlap.pipeline === "on";
  const inText = typeof written.stageLayers === "string" ? parseStageText(written.stageLayers) : undefined;
  if (open && inText !== undefined && "layers" in inText && inText.layers.length % pipeline === 0) {
    const stages = inText.layers.length;
    const reason = `not given; ${stages} stages of stageLayers over pipeline ${pipeline}`;
    return given(notes, "layout.virtualStages", written.virtualStages, stages / pipeline, reason);
  }
  const layers = context.model.layers.length;
  const chunks = free ? finestInterleaving(layers, pipeline, context.globalBatch / (data * microBatch)) : 1;
  const reason = chunks > 1 ? `not given; as fine as ${layers} layers allow, for the smallest bubble` : notGiven;
  return given(notes, "layout.virtualStages", written.virtualStages, chunks, reason);
}

/** Layers of each stage as written, and where the ends sit if the text puts them elsewhere. */
function stagesWritten(
  { stageLayers: written }: LayoutText,
  { multiTokenModules }: LayoutContext,
  notes: Notes,
): Pick<Layout, "stageLayers" | "stageEnds"> {
  if (written === undefined) return {};
  if (typeof written !== "string") return { stageLayers: written };
  const stages = parseStageText(written);
  if ("message" in stages) {
    problem(notes, "layout.stageLayers", stages.message, stages.hint);
    return {};
  }
  const { layers, ends } = stages;
  if (ends.modules.length !== multiTokenModules) {
    const message = `found ${ends.modules.length} m, but workload.multiTokenPrediction is ${multiTokenModules}`;
    problem(notes, "layout.stageLayers", message, "write an m for each, or change multiTokenPrediction");
  }
  return { stageLayers: layers, ...(endsAreUsual(ends, layers.length) ? {} : { stageEnds: ends }) };
}

function recomputeOf(written: LayoutText, notes: Notes): Layout["recompute"] {
  if (written.recompute !== undefined) return written.recompute;
  return given<"none">(notes, "layout.recompute", undefined, "none", notGiven);
}

/** Ranks of one copy: by default those of the data-parallel group that sit in one scale-up domain. */
function shardGroup(written: LayoutText, ranks: number, tensor: number, context: LayoutContext, notes: Notes): number {
  const room = Math.max(1, Math.floor(context.cluster.node.acceleratorsPerNode / tensor));
  let size = Math.min(ranks, room);
  while (ranks % size !== 0) size--;
  return given(notes, "layout.shardGroup", written.shardGroup, size, "not given; the data-parallel ranks of one node");
}

/** `node` is the data-parallel ranks of one scale-up domain. */
function resharded(
  { reshardAfterForward: written }: LayoutText,
  ranks: number,
  tensor: number,
  context: LayoutContext,
): NonNullable<Layout["reshardAfterForward"]> {
  if (written !== "node") return written ?? "always";
  const room = Math.max(1, Math.floor(context.cluster.node.acceleratorsPerNode / tensor));
  let size = Math.min(ranks, room);
  while (ranks % size !== 0) size--;
  return size;
}

function dataDegree(written: LayoutText, inner: number, context: LayoutContext, notes: Notes): number {
  if (written.data !== undefined) return written.data;
  const { accelerators } = context.cluster;
  const data = accelerators / inner;
  if (!Number.isInteger(data)) {
    const degrees = (["tensor", "context", "pipeline"] as const).map((name) => `${name} ${written[name] ?? 1}`);
    const message = `the cluster's ${accelerators} accelerators are not divisible by ${degrees.join(" x ")} = ${inner}`;
    problem(notes, "layout", message, `choose degrees whose product divides ${accelerators}`);
    return Math.max(1, Math.floor(data));
  }
  const reason = `derived: ${accelerators} accelerators / (tensor x context x pipeline = ${inner})`;
  return given(notes, "layout.data", undefined, data, reason);
}

function degreeProblems(layout: Layout, written: LayoutText, context: LayoutContext, notes: Notes): void {
  const { tensor, context: contextDegree, pipeline, data, expert, expertTensor } = layout;
  const { accelerators } = context.cluster;
  const inner = tensor * contextDegree * pipeline;
  const product = inner * data;
  if (written.data !== undefined && product !== accelerators) {
    const parts = `tensor ${tensor} x context ${contextDegree} x pipeline ${pipeline} x data ${data} = ${product}`;
    const fits = accelerators % inner === 0 ? `write data: ${accelerators / inner}, or leave data out` : undefined;
    const hint = fits ?? `choose degrees whose product is ${accelerators}`;
    problem(notes, "layout", `${parts}, but the cluster has ${accelerators} accelerators`, hint);
  }
  const stage = tensor * contextDegree * data;
  const experts = hasExperts(context.model);
  if (experts && expert > 1 && stage % (expert * expertTensor) !== 0) {
    const parts = `expert ${expert} x expertTensor ${expertTensor} = ${expert * expertTensor}`;
    const message = `the ${stage} accelerators of a pipeline stage (tensor x context x data) are not divisible by ${parts}`;
    problem(notes, "layout.expert", message, "experts are spread inside one pipeline stage");
  }
  const copy = layout.shardGroup ?? data * contextDegree;
  const { reshardAfterForward: few } = layout;
  if (typeof few === "number" && copy % few !== 0) {
    const message = `the ${copy} ranks of one copy are not divisible by ${few}`;
    problem(notes, "layout.reshardAfterForward", message, "weights are resharded over equal groups of those ranks");
  }
  if (layout.shardGroup !== undefined && (data * contextDegree) % layout.shardGroup !== 0) {
    const message = `the ${data * contextDegree} data-parallel ranks (data x context) are not divisible by ${layout.shardGroup}`;
    problem(notes, "layout.shardGroup", message, "each group of so many ranks shares one copy");
  }
}

function batchProblems(layout: Layout, context: LayoutContext, notes: Notes): void {
  const { data, microBatch, pipeline, context: contextDegree, tensor } = layout;
  const { globalBatch, sequenceLength } = context;
  const each = data * microBatch;
  // Replicas on several pools need not do the same number of micro-batches; each pool's are looked at with the pools.
  const alike = context.spread?.by !== "data";
  if (alike && globalBatch % each !== 0) {
    const message = `${globalBatch} sequences are not divisible by data ${data} x microBatch ${microBatch} = ${each}`;
    problem(notes, "workload.globalBatch", message, `the nearest that is: ${nearestMultiple(globalBatch, each)}`);
  } else if (alike && isInterleaved(layout) && (globalBatch / each) % pipeline !== 0) {
    const message = `the ${globalBatch / each} micro-batches of a step are not divisible by pipeline ${pipeline}, as interleaving needs`;
    problem(
      notes,
      "layout.virtualStages",
      message,
      "change globalBatch or microBatch, or write schedule: 1f1b and virtualStages: 1",
    );
  }
  const local = layout.sequenceParallel === "on" ? contextDegree * tensor : contextDegree;
  // The zig-zag cut gives each context rank two chunks.
  const halved = layout.contextBalance === "zig-zag" && local % (2 * contextDegree) !== 0;
  const split = halved ? 2 * local : local;
  if (sequenceLength % split !== 0) {
    const degrees = [
      ...(contextDegree > 1 ? [`context ${contextDegree}`] : []),
      ...(halved ? ["2 (zig-zag)"] : []),
      ...(layout.sequenceParallel === "on" && tensor > 1 ? [`tensor ${tensor} (sequenceParallel)`] : []),
    ];
    const by = `${degrees.join(" x ")}${degrees.length > 1 ? ` = ${split}` : ""}`;
    const message = `${sequenceLength} tokens are not divisible by ${by}`;
    const hint = `the nearest that is: ${nearestMultiple(sequenceLength, split)}`;
    problem(notes, context.lengthPath, message, hint);
  }
}

function nearestMultiple(value: number, of: number): number {
  return Math.max(1, Math.round(value / of)) * of;
}

function stageProblems(layout: Layout, context: LayoutContext, notes: Notes): void {
  const layers = context.model.layers.length;
  const { pipeline, virtualStages, stageLayers } = layout;
  const stages = stagesOf(layout);
  const each = stages === pipeline && virtualStages > 1 ? "" : ` x virtualStages ${virtualStages}`;
  const counted = `pipeline ${pipeline}${each}`;
  if (stageLayers === undefined) {
    if (notes.problems.some(({ path }) => path === "layout.stageLayers")) return;
    // The embedding and the head may each have a stage of their own, as in Llama 3 405B: 128 stages, 126 layers.
    if (stages > layers + 2) {
      const hint = "a stage needs a layer, the embedding or the head";
      problem(notes, "layout.pipeline", `${counted} = ${stages} stages for ${layers} layers`, hint);
    }
    return;
  }
  if (stageLayers.length !== stages) {
    const message = `${stageLayers.length} entries, but ${counted} = ${stages} stages`;
    problem(notes, "layout.stageLayers", message, "one entry a stage, in pipeline order");
  }
  const sum = stageLayers.reduce((total, next) => total + next, 0);
  if (sum !== layers) {
    const message = `the entries add up to ${sum}, but ${context.model.name} has ${layers} layers`;
    problem(notes, "layout.stageLayers", message);
  }
}

/** Keys that would have no effect are refused: nothing is accepted and ignored. */
function uselessKeys(written: LayoutText, layout: Layout, context: LayoutContext, notes: Notes): void {
  const useless = (key: keyof LayoutText, message: string, hint: string): void => {
    if (written[key] !== undefined) problem(notes, `layout.${key}`, message, hint);
  };
  if (layout.sharding !== "hybrid")
    useless("shardGroup", "has no effect without sharding: hybrid", "remove it, or use hybrid");
  if (layout.sharding !== "full" && layout.sharding !== "hybrid") {
    const hint = "remove it, or use full or hybrid";
    useless("reshardAfterForward", "has no effect without sharding: full or hybrid", hint);
  }
  if (layout.recompute !== "full")
    useless("recomputeLayers", "has no effect without recompute: full", "remove it, or use full");
  recomputedProblem(written, layout, context, notes);
  const interleaved = layout.schedule === "interleaved";
  const { chunks } = scheduleOf(layout.schedule);
  if (interleaved && layout.virtualStages === 1) {
    useless("schedule", "interleaved needs more than one virtual stage", "set virtualStages, or schedule: 1f1b");
  }
  if (chunks === "two" && layout.virtualStages !== 2) {
    useless("virtualStages", `${layout.schedule} runs two model chunks on each rank`, "write 2, or leave it out");
  }
  if (chunks === "one" && layout.virtualStages > 1) {
    useless("schedule", `${layout.schedule} has no virtual stages`, "use schedule: interleaved");
  }
  if (interleaved && layout.virtualStages > 1 && layout.pipeline === 1) {
    useless("virtualStages", "interleaving needs pipeline > 1", "remove virtualStages");
  }
}

/** More recomputed layers than a rank holds are a slip, or meant for all of them: both are said better without a number. */
function recomputedProblem(
  { recomputeLayers, stageLayers }: LayoutText,
  { recompute, pipeline }: Layout,
  { model, spread }: LayoutContext,
  notes: Notes,
): void {
  if (recomputeLayers === undefined || recompute !== "full") return;
  if (stageLayers !== undefined || spread !== undefined) return;
  const most = Math.ceil(model.layers.length / pipeline);
  if (recomputeLayers <= most) return;
  const message = `${recomputeLayers}, but a rank holds ${most} of ${model.layers.length} layers`;
  problem(notes, "layout.recomputeLayers", message, "leave it out to recompute them all");
}

function describeStages(layout: Layout, context: LayoutContext, notes: Notes): void {
  if (notes.read === "problems") return;
  const counts = stageLayerCounts(context.model.layers.length, layout);
  if (context.spread?.by === "pipeline" && context.spread.balance === "balanced") return;
  if (layout.stageLayers !== undefined || counts.every((count) => count === counts[0])) return;
  const reason = `${context.model.layers.length} layers over ${counts.length} stages leave a remainder; the first and last hold fewer`;
  notes.assumptions.push({ path: "layout.stageLayers", value: runs(counts), reason });
}

/** `7, 14 x 8, 7`: equal neighbours counted. */
export function runs(counts: readonly number[]): string {
  const parts: string[] = [];
  for (let start = 0; start < counts.length; ) {
    let end = start;
    while (end < counts.length && counts[end] === counts[start]) end++;
    parts.push(end - start > 1 ? `${end - start} x ${counts[start]}` : String(counts[start]));
    start = end;
  }
  return parts.join(", ");
}

/** With one virtual stage the schedule itself is the problem. */
function isInterleaved({ schedule, virtualStages }: Pick<Layout, "schedule" | "virtualStages">): boolean {
  return schedule === "interleaved" && virtualStages > 1;
}
