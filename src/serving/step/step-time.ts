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
import { layerWork } from "./layer-work.ts";
import type { StepOptions } from "./options.ts";

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
  graphs: boolean;
}

const iterationShape: IterationShape = { tokens: 0, all: 0, sampled: 0, graphs: false };

function shapeOf({ engine, layout }: StepOptions, batches: readonly Batch[]): IterationShape {
  let tokens = 0;
  let all = 0;
  let prefills = 0;
  let sampled = 0;
  for (let index = 0; index < batches.length; index++) {
    const batch = batches[index] as Batch;
    const own = batch.decodeTokens + batch.prefillTokens;
    if (own > tokens) tokens = own;
    all += own;
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
  const others = {
    vllm: kernelsOf(accelerator, { library: "vllm" }),
    trtllm: kernelsOf(accelerator, { library: "trtllm" }),
  };
  return {
    ...kernels,
    experts: (format, shape) => others[engine.experts[format] ?? engine.library].experts(format, shape),
  };
}

/** Numbers of `columns` parts for each token count, computed when first asked. */
class Memo {
  private values = new Float64Array(0);
  private readonly known: (tokens: number, out: Float64Array, at: number) => void;
  private readonly columns: number;

  constructor(columns: number, compute: (tokens: number, out: Float64Array, at: number) => void) {
    this.columns = columns;
    this.known = compute;
  }

  /** Place of the row of a token count in `table`. */
  at(tokens: number): number {
    const at = tokens * this.columns;
    if (at >= this.values.length) this.grow(at + this.columns);
    if (Number.isNaN(this.values[at] as number)) this.known(tokens, this.values, at);
    return at;
  }

  get table(): Float64Array {
    return this.values;
  }

  private grow(length: number): void {
    const larger = new Float64Array(Math.max(2 * this.values.length, length, 1024 * this.columns)).fill(Number.NaN);
    larger.set(this.values);
    this.values = larger;
  }
}

function stageOf(
  options: StepOptions,
  kernels: Kernels,
  counts: LayerCounts,
  { first, last }: { readonly first: boolean; readonly last: boolean },
): Stage {
  const { model, constants, layout } = options;
  const attention: { readonly work: AttentionWork; readonly layers: number }[] = [];
  let attentionKernels = 0;
  for (const [index, layers] of counts) {
    const kind = model.layerKinds[index];
    const work = kind === undefined ? undefined : attentionWork(options, kernels, kind);
    if (work === undefined) continue;
    attention.push({ work, layers });
    attentionKernels += layers * work.kernels;
  }
  const local = new Memo(5, (tokens, out, at) => {
    out.fill(0, at, at + 5);
    for (const [index, layers] of counts) {
      const kind = model.layerKinds[index];
      if (kind === undefined) continue;
      const work = layerWork(options, kernels, kind, tokens, 0);
      const exchange = exchangeWork(options, kind, tokens);
      out[at] = (out[at] as number) + layers * work.products;
      out[at + 1] = (out[at + 1] as number) + layers * work.passes;
      out[at + 2] = (out[at + 2] as number) + layers * exchange.allReduce;
      out[at + 3] = (out[at + 3] as number) + layers * exchange.experts;
      out[at + 4] = (out[at + 4] as number) + layers * (work.kernels + exchange.kernels);
    }
  });
  const routed = new Memo(1, (tokens, out, at) => {
    out[at] = 0;
    for (const [index, layers] of counts) {
      const kind = model.layerKinds[index];
      if (kind?.feedForward.kind !== "experts") continue;
      out[at] = (out[at] as number) + layers * layerWork(options, kernels, kind, 0, tokens).experts;
    }
  });
  const embedding = new Memo(1, (tokens, out, at) => {
    out[at] =
      (first ? embeddingSeconds(options, kernels, tokens) : 0) + (last ? headSeconds(options, kernels, tokens, 0) : 0);
  });
  const headBase = last ? headSeconds(options, kernels, 0, 0) : 0;
  const head = new Memo(1, (rows, out, at) => {
    out[at] = last && rows > 0 ? headSeconds(options, kernels, 0, rows) - headBase : 0;
  });
  const send = new Memo(1, (tokens, out, at) => {
    out[at] = last ? 0 : stageSendSeconds(options, tokens);
  });
  return {
    fill(parts, shape, batches) {
      const { tokens, all, sampled, graphs } = shape;
      const at = local.at(tokens);
      const table = local.table;
      const routedAt = routed.at(all);
      parts[0] = table[at] as number;
      parts[1] = routed.table[routedAt] as number;
      parts[2] = table[at + 1] as number;
      parts[3] = table[at + 2] as number;
      parts[4] = table[at + 3] as number;
      attentionParts(parts, attention, batches);
      const embeddingAt = embedding.at(tokens);
      const headAt = head.at(sampled);
      parts[7] = (embedding.table[embeddingAt] as number) + (head.table[headAt] as number);
      const sendAt = send.at(layout.pipeline === 1 ? 0 : tokens);
      parts[8] = send.table[sendAt] as number;
      const launched = (table[at + 4] as number) + attentionKernels;
      parts[9] = launched * constants.gap;
      parts[10] = 0;
      let sum = 0;
      for (let index = 0; index < 10; index++) sum += parts[index] as number;
      if (!graphs) {
        parts[10] = Math.max(0, launched * constants.launch - sum);
        sum += parts[10] as number;
      }
      return sum;
    },
  };
}

/** Attention of the busiest rank: exchanges make the others wait for it. */
function attentionParts(
  parts: Float64Array,
  attention: readonly { readonly work: AttentionWork; readonly layers: number }[],
  batches: readonly Batch[],
): void {
  parts[5] = 0;
  parts[6] = 0;
  for (let rank = 0; rank < batches.length; rank++) {
    const batch = batches[rank] as Batch;
    let decode = 0;
    let prefill = 0;
    for (let index = 0; index < attention.length; index++) {
      const { work, layers } = attention[index] as { work: AttentionWork; layers: number };
      decode += layers * decodeSeconds(work, batch);
      if (batch.prefills > 0) prefill += layers * prefillSeconds(work, batch);
    }
    if (decode + prefill > (parts[5] as number) + (parts[6] as number)) {
      parts[5] = decode;
      parts[6] = prefill;
    }
  }
}
