/**
 * Step time of an engine iteration from kernels and collectives: what one accelerator of the slowest pipeline stage
 * executes, one kernel after the other.
 *
 *     T = sum over layers (products + passes + experts + exchanges + attention) + ends + gaps
 *
 * Weights are read once for all tokens of an iteration, attention of prompts and of decodes adds up, decode batches are
 * padded to captured graph sizes, attention ranks wait for the slowest. Ignores: overlap of exchanges with computation,
 * power limits that fall during hours, kernels below the constants.
 */

import type { Seconds } from "../../base/quantity.ts";
import { leaf, maxOf, sumOf, type Term } from "../../base/term.ts";
import { type Kernels, kernelsOf } from "../../compute/index.ts";
import { type AttentionWork, attentionWork, decodeSeconds, prefillSeconds } from "./attention-work.ts";
import type { Batch, StepTime } from "./batch.ts";
import { embeddingSeconds, headSeconds } from "./ends-work.ts";
import { exchangeWork, stageSendSeconds } from "./exchange-work.ts";
import { tritonTime } from "./expert-kernels.ts";
import { layerWork } from "./layer-work.ts";
import { Memo } from "./memo.ts";
import type { ExpertTable, StepOptions } from "./options.ts";

/** Parts of an iteration, in the order of their terms. */
const partNames = [
  "products",
  "experts",
  "passes",
  "all-reduces",
  "expert-exchange",
  "decode-attention",
  "prefill-attention",
  "head",
  "stage-transfer",
  "gaps",
  "launches",
] as const;

const partLabels: Readonly<Record<(typeof partNames)[number], string>> = {
  products: "Matrix products",
  experts: "Routed experts",
  passes: "Norms, rotary, activations",
  "all-reduces": "All-reduces",
  "expert-exchange": "Expert exchange",
  "decode-attention": "Attention of decodes",
  "prefill-attention": "Attention of prompts",
  head: "Embedding, head and sampler",
  "stage-transfer": "Transfer to the next stage",
  gaps: "Between kernels",
  launches: "Waiting for launches",
};

/** Step time of one replica. */
export function stepTimeOf(options: StepOptions): StepTime {
  const stages = stagesOf(options);
  const parts = new Float64Array(partNames.length);
  return {
    time(batches) {
      const shape = shapeOf(options, batches);
      if (shape.all === 0) return 0;
      let longest = 0;
      for (const stage of stages) longest = Math.max(longest, stage.fill(parts, shape, batches));
      return longest;
    },
    terms(batches) {
      const shape = { ...shapeOf(options, batches) };
      const children = stages.map((stage, index) => {
        parts.fill(0);
        if (shape.all > 0) stage.fill(parts, shape, batches);
        return stageTerm(index, parts);
      });
      const [only] = children;
      const head = { name: "iteration", label: "Iteration on the accelerators" };
      return children.length === 1 && only !== undefined
        ? sumOf(head, only.children)
        : maxOf({ ...head, formula: "slowest stage" }, children);
    },
  };
}

function stageTerm(index: number, parts: Float64Array): Term {
  const children = partNames.flatMap((name, at) => {
    const value = parts[at] as number;
    const origin = name === "gaps" || name === "launches" ? "calibrated" : "derived";
    return value === 0 ? [] : [leaf({ name, label: partLabels[name], value, origin })];
  });
  return sumOf({ name: `stage-${index}`, label: `Pipeline stage ${index}` }, children);
}

/** Tokens of an iteration as the kernels see them. */
interface IterationShape {
  /** Of the busiest attention rank, padded. */
  tokens: number;
  /** Of all ranks, padded alike where graphs are replayed. */
  all: number;
  sampled: number;
  decodes: number;
  prefills: number;
  graphs: boolean;
}

const iterationShape: IterationShape = { tokens: 0, all: 0, sampled: 0, decodes: 0, prefills: 0, graphs: false };

function shapeOf({ engine, layout }: StepOptions, batches: readonly Batch[]): IterationShape {
  let tokens = 0;
  let all = 0;
  let decodes = 0;
  let prefills = 0;
  let sampled = 0;
  for (let index = 0; index < batches.length; index++) {
    const batch = batches[index] as Batch;
    const own = batch.decodeTokens + batch.prefillTokens;
    if (own > tokens) tokens = own;
    all += own;
    decodes += batch.decodes;
    prefills += batch.prefills;
    if (batch.sampled > sampled) sampled = batch.sampled;
  }
  const sizes = engine.graphSizes;
  const graphs =
    (prefills === 0 || engine.mixedGraphs === "on") && tokens > 0 && tokens <= (sizes[sizes.length - 1] ?? 0);
  if (graphs) {
    tokens = paddedTo(sizes, tokens);
    all = tokens * Math.max(1, layout.attentionData);
  }
  iterationShape.tokens = tokens;
  iterationShape.all = all;
  iterationShape.sampled = sampled;
  iterationShape.decodes = decodes;
  iterationShape.prefills = prefills;
  iterationShape.graphs = graphs;
  return iterationShape;
}

/** The smallest captured size that holds the tokens. */
function paddedTo(sizes: readonly number[], tokens: number): number {
  let low = 0;
  let high = sizes.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sizes[middle] as number) >= tokens) high = middle;
    else low = middle + 1;
  }
  return sizes[low] as number;
}

/** Kinds of layers of a stage, with how many it has of each. */
type LayerCounts = ReadonlyMap<number, number>;

/**
 * Layers spread evenly over the stages, a remainder on those before the last, which also has the head.
 * @source vllm-pipeline-layers
 */
function layersOf({ model, layout }: StepOptions): readonly LayerCounts[] {
  const { pipeline } = layout;
  const each = Math.floor(model.layers.length / pipeline);
  const rest = model.layers.length % pipeline;
  let next = 0;
  return Array.from({ length: pipeline }, (_, stage) => {
    const more = stage >= pipeline - 1 - rest && stage < pipeline - 1 ? 1 : 0;
    const counts = new Map<number, number>();
    for (const kind of model.layers.slice(next, next + each + more)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    next += each + more;
    return counts;
  });
}

interface Stage {
  /** Fills the parts of an iteration and returns their sum. */
  readonly fill: (parts: Float64Array, shape: IterationShape, batches: readonly Batch[]) => Seconds;
}

function stagesOf(options: StepOptions): readonly Stage[] {
  const kernels = options.kernels ?? engineKernels(options);
  const stages = layersOf(options);
  return stages.map((counts, index) =>
    stageOf(options, kernels, counts, { first: index === 0, last: index === stages.length - 1 }),
  );
}

/** Kernels of the engine's stack; experts of some formats come from another. */
function engineKernels({ accelerator, engine }: StepOptions): Kernels {
  const kernels = kernelsOf(accelerator, { library: engine.library });
  const vllm = kernelsOf(accelerator, { library: "vllm" }).experts;
  const experts: Readonly<Record<ExpertTable, Kernels["experts"]>> = {
    vllm,
    trtllm: kernelsOf(accelerator, { library: "trtllm" }).experts,
    triton: (format, shape) => tritonTime(vllm(format, shape)),
  };
  return { ...kernels, experts: (format, shape) => experts[engine.experts[format] ?? engine.library](format, shape) };
}

/** Parts of a stage that depend on token counts alone, remembered; times are sums over its layers. */
interface StageTables {
  /** Products, passes, all-reduces, expert exchange, kernels and opaque ones, by tokens of one attention rank. */
  readonly local: Memo;
  /** Routed experts, by tokens of all ranks. */
  readonly routed: Memo;
  /** Embedding and last norm by tokens, head and sampler by rows. */
  readonly ends: Memo;
  readonly head: Memo;
  readonly send: Memo;
}

function tablesOf(options: StepOptions, kernels: Kernels, counts: LayerCounts, place: StagePlace): StageTables {
  const layers = [...counts].flatMap(([index, times]) => {
    const kind = options.model.layerKinds[index];
    return kind === undefined ? [] : [{ kind, times, work: layerWork(options, kernels, kind) }];
  });
  const { first, last } = place;
  const headBase = last ? headSeconds(options, kernels, 0, 0) : 0;
  return {
    local: new Memo(6, (tokens, out, at) => {
      out.fill(0, at, at + 6);
      for (const { kind, times, work } of layers) {
        const { products, passes, kernels: own, opaque } = work.local(tokens);
        const exchange = exchangeWork(options, kind, tokens);
        const row = [products, passes, exchange.allReduce, exchange.experts, own + exchange.kernels, opaque];
        row.forEach((value, column) => {
          out[at + column] = (out[at + column] as number) + times * value;
        });
      }
    }),
    routed: new Memo(1, (tokens, out, at) => {
      out[at] = 0;
      for (const { times, work } of layers) out[at] = (out[at] as number) + times * work.routed(tokens);
    }),
    ends: new Memo(1, (tokens, out, at) => {
      out[at] = first ? embeddingSeconds(options, kernels, tokens) : 0;
      if (last) out[at] = (out[at] as number) + headSeconds(options, kernels, tokens, 0);
    }),
    head: new Memo(1, (rows, out, at) => {
      out[at] = last && rows > 0 ? headSeconds(options, kernels, 0, rows) - headBase : 0;
    }),
    send: new Memo(1, (tokens, out, at) => {
      out[at] = last ? 0 : stageSendSeconds(options, tokens);
    }),
  };
}

interface StagePlace {
  readonly first: boolean;
  readonly last: boolean;
}

interface StageAttention {
  readonly work: AttentionWork;
  readonly layers: number;
}

function stageOf(options: StepOptions, kernels: Kernels, counts: LayerCounts, place: StagePlace): Stage {
  const { model, constants, layout } = options;
  const attention: StageAttention[] = [...counts].flatMap(([index, layers]) => {
    const kind = model.layerKinds[index];
    const work = kind === undefined ? undefined : attentionWork(options, kernels, kind);
    return work === undefined ? [] : [{ work, layers }];
  });
  const attentionKernels = (part: "decodes" | "prompts"): number =>
    attention.reduce((sum, { work, layers }) => sum + layers * work.kernels[part], 0);
  const ofDecodes = attentionKernels("decodes");
  const ofPrompts = attentionKernels("prompts");
  const { local, routed, ends, head, send } = tablesOf(options, kernels, counts, place);
  return {
    fill(parts, { tokens, all, sampled, decodes, prefills, graphs }, batches) {
      const at = local.at(tokens);
      const table = local.table;
      const opaque = table[at + 5] as number;
      const plain = (table[at + 4] as number) - opaque;
      const core = (decodes > 0 ? ofDecodes : 0) + (prefills > 0 ? ofPrompts : 0);
      parts[0] = table[at] as number;
      parts[1] = routed.value(all);
      parts[2] = table[at + 1] as number;
      parts[3] = table[at + 2] as number;
      parts[4] = table[at + 3] as number;
      attentionParts(parts, attention, batches);
      parts[7] = ends.value(tokens) + head.value(sampled);
      parts[8] = layout.pipeline === 1 ? 0 : send.value(tokens);
      parts[9] = (plain + opaque + core) * constants.gap;
      parts[10] = 0;
      let sum = 0;
      for (let index = 0; index < 10; index++) sum += parts[index] as number;
      // Where graphs hold prompts, attention alone runs outside of them.
      const outside = graphs ? (prefills > 0 ? core : 0) : opaque + core;
      const host = outside * constants.opaqueLaunch + (graphs ? 0 : plain * constants.launch);
      parts[10] = Math.max(0, host - sum);
      return sum + (parts[10] as number);
    },
  };
}

/** Attention of the busiest rank: exchanges make the others wait for it. */
function attentionParts(parts: Float64Array, attention: readonly StageAttention[], batches: readonly Batch[]): void {
  parts[5] = 0;
  parts[6] = 0;
  for (let rank = 0; rank < batches.length; rank++) {
    const batch = batches[rank] as Batch;
    let decode = 0;
    let prefill = 0;
    for (let index = 0; index < attention.length; index++) {
      const { work, layers } = attention[index] as StageAttention;
      decode += layers * decodeSeconds(work, batch);
      if (batch.prefills > 0) prefill += layers * prefillSeconds(work, batch);
    }
    if (decode + prefill > (parts[5] as number) + (parts[6] as number)) {
      parts[5] = decode;
      parts[6] = prefill;
    }
  }
}
