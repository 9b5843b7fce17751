/**
 * Memory of one replica: what weights, activations and captured graphs leave for cached keys and values, and how many
 * blocks that makes.
 *
 *     blocks = (share x capacity - weights - activations - runtime) / bytes of a block
 *
 * Every rank is looked at as its engine's start-up does: the fullest pipeline stage decides. Ignores: fragmentation,
 * the page padding of hybrid caches, a vision tower.
 * @source vllm-memory-profiling
 */

import type { Bytes } from "../base/quantity.ts";
import type {
  LayerKind,
  Mixer,
  ModelArchitecture,
  Projection,
  StorageFormat,
  WeightStorage,
} from "../catalog/model.ts";
import { bytesPerWeight, cacheBytes, cacheBytesPerToken, embeddingParameters } from "../catalog/models/index.ts";
import { type AdapterSlots, adapterBytes } from "./adapters.ts";
import type { Drafter } from "./step/drafter.ts";

/** Of the fullest accelerator of a replica. */
export interface ReplicaMemory {
  readonly capacity: Bytes;
  /** What a byte more of memory adds to the cache. */
  readonly utilization: number;
  readonly weights: Bytes;
  /** Most that one iteration needs besides weights and cache, where the engine sets it aside. */
  readonly activations: Bytes;
  /** The runtime and its libraries, and captured graphs where the engine counts them. */
  readonly runtime: Bytes;
  /** What is left for the cache; negative where the model does not fit. */
  readonly cache: Bytes;
  readonly blockBytes: Bytes;
  /** Kept for every sequence beside its blocks, however long it is: recurrent states, full windows. */
  readonly sequenceBytes: Bytes;
  /** Blocks of one attention-data-parallel rank; 0 where nothing fits. */
  readonly blocks: number;
}

/** How an engine finds room for its cache. */
export interface MemoryRule {
  /**
   * of-all: the share is of the whole memory, and weights, activations and runtime come out of it (vLLM).
   * static: the share is of the whole memory and holds weights and cache; the rest lies outside (SGLang).
   * of-free: the share is of what weights, activations and runtime leave (TensorRT-LLM).
   */
  readonly share: "of-all" | "static" | "of-free";
  /** Bytes for each logit of the largest sampled batch. */
  readonly logitBytes: number;
  /** Memory of the process that is neither weights nor tensors. */
  readonly runtime: Bytes;
  /** Of captured graphs, where start-up sets it aside. */
  readonly graphs: Bytes;
}

export interface ReplicaShape {
  readonly tensor: number;
  readonly pipeline: number;
  readonly expert: number;
  readonly attentionData: number;
}

export interface MemoryCase {
  readonly model: ModelArchitecture;
  readonly layout: ReplicaShape;
  readonly capacity: Bytes;
  /** Format of all matrices of the layers, or each as published. */
  readonly precision: StorageFormat | "as-published";
  readonly cacheElementBytes: number;
  readonly blockTokens: number;
  readonly utilization: number;
  readonly maxBatchedTokens: number;
  readonly maxSequences: number;
  readonly rule: MemoryRule;
  /** What is loaded to draft, with its cache; it lies on the last stage. */
  readonly drafter: Drafter | "none";
  /** What lies ready for adapters; absent without them. */
  readonly adapters?: AdapterSlots;
}

/** Memory of the fullest accelerator, and blocks of the rank that has the fewest. */
export function replicaMemory(c: MemoryCase): ReplicaMemory {
  const stages = stageLayers(c.model.layers.length, c.layout.pipeline).map((range) => stageMemory(c, range));
  return stages.reduce((worst, stage) => (worse(stage, worst) ? stage : worst));
}

/** Fewer blocks, or where none fit the larger lack. */
function worse(stage: ReplicaMemory, other: ReplicaMemory): boolean {
  return stage.blocks < other.blocks || (stage.blocks === other.blocks && stage.cache < other.cache);
}

/** Layers [start, end) of one pipeline stage. */
export interface StageRange {
  readonly start: number;
  readonly end: number;
  readonly index: number;
  readonly count: number;
}

/**
 * Layers of each stage as engines cut them: evenly, what is left over to the last stages but one.
 * @source vllm-engine
 */
export function stageLayers(layers: number, pipeline: number): readonly StageRange[] {
  const each = Math.floor(layers / pipeline);
  const sizes = new Array<number>(pipeline).fill(each);
  for (let extra = 0; extra < layers % pipeline; extra++) {
    const place = Math.max(0, pipeline - 2 - extra);
    sizes[place] = (sizes[place] ?? 0) + 1;
  }
  let start = 0;
  return sizes.map((size, index) => {
    const range = { start, end: start + size, index, count: pipeline };
    start += size;
    return range;
  });
}

function stageMemory(c: MemoryCase, range: StageRange): ReplicaMemory {
  const { capacity, utilization, rule } = c;
  const drafter = range.index === range.count - 1 ? c.drafter : "none";
  const slots = c.adapters === undefined ? 0 : adapterBytes(c.model, c.layout.tensor, c.adapters, range);
  const weights = stageWeights(c, range) + slots + (drafter === "none" ? 0 : drafterWeights(c, drafter));
  const activations = rule.share === "static" ? 0 : peakActivations(c, range);
  const runtime = rule.share === "static" ? 0 : rule.runtime + rule.graphs;
  const taken = weights + activations + runtime;
  const cache = rule.share === "of-free" ? utilization * (capacity - taken) : utilization * capacity - taken;
  const own = stageCache(c, range);
  const drafts = drafter === "none" ? nothing : drafterCache(c, drafter);
  const [token, sequence] = [own.token + drafts.token, own.sequence + drafts.sequence];
  const blockBytes = token * c.blockTokens;
  // A stage whose layers keep nothing a token holds any number of them.
  const blocks = blockBytes === 0 ? blocksMost : Math.min(blocksMost, Math.max(0, Math.floor(cache / blockBytes)));
  return { capacity, utilization, weights, activations, runtime, cache, blockBytes, sequenceBytes: sequence, blocks };
}

const nothing = { token: 0, sequence: 0 } as const;

/** Blocks are numbered with 31 bits. */
const blocksMost = 2 ** 31 - 1;

/**
 * Keys and values of one token, and of one sequence beside them, on one accelerator of a stage.
 *
 * Heads of keys and values are split by tensor parallelism and copied where there are more ranks than heads; latent
 * and index keys are whole on every rank; recurrent states are split by heads.
 * @source architectures-reference
 */
export function stageCache(
  { model, layout, cacheElementBytes }: Pick<MemoryCase, "model" | "layout" | "cacheElementBytes">,
  { start, end }: Pick<StageRange, "start" | "end">,
): { readonly token: Bytes; readonly sequence: Bytes } {
  const kinds = model.layerKinds.map((kind, index) => {
    const alone = { ...model, layers: [index] };
    const share = cacheShare(kind.mixer, layout.tensor);
    const token = cacheBytesPerToken(alone, cacheElementBytes);
    const long = 2 ** 24;
    const fixed = cacheBytes(alone, long, cacheElementBytes).total - token * long;
    return { token: token * share, sequence: fixed * share };
  });
  let [token, sequence] = [0, 0];
  for (let layer = start; layer < end; layer++) {
    const kind = kinds[model.layers[layer] ?? 0];
    token += kind?.token ?? 0;
    sequence += kind?.sequence ?? 0;
  }
  return { token, sequence };
}

function cacheShare(mixer: Mixer, tensor: number): number {
  if (mixer.kind === "none" || mixer.kind === "latent-attention") return 1;
  if (mixer.kind === "attention") return Math.ceil(mixer.keyValueHeads / tensor) / mixer.keyValueHeads;
  return 1 / Math.min(tensor, mixer.heads);
}

/** Bytes of the weights of one stage on one accelerator. */
export function stageWeights(
  { model, layout, precision }: Pick<MemoryCase, "model" | "layout" | "precision">,
  { start, end, index, count }: StageRange,
): Bytes {
  let sum = 0;
  for (let layer = start; layer < end; layer++) {
    const kind = model.layerKinds[model.layers[layer] ?? 0];
    if (kind !== undefined) sum += layerWeights(kind, layout, formatsOf(model, precision, layer));
  }
  const { embedding } = model;
  const table = (embeddingParameters(model) * plainBytes) / layout.tensor;
  const [first, last] = [index === 0, index === count - 1];
  if (first) sum += table + ((embedding.tableParameters ?? 0) * plainBytes) / layout.tensor;
  if (first || last) sum += (embedding.positionParameters + embedding.otherParameters) * plainBytes;
  // A tied head is the table itself where both are on one stage.
  if (last && (embedding.tied === "untied" || !first)) sum += (table / plainBytes) * headBytes(model, precision);
  return sum;
}

/** Engines hold in 16 bits what no format names. */
const plainBytes = 2;

function headBytes({ weights }: ModelArchitecture, precision: MemoryCase["precision"]): number {
  return precision === "as-published" && weights !== undefined ? bytesPerWeight(weights.head) : plainBytes;
}

/** A drafter shares embedding and head with the model unless it is one of its own. */
function drafterWeights({ model: served, layout, precision }: MemoryCase, drafter: Drafter): Bytes {
  const { method, model, modules } = drafter;
  if (method === "draft-model") {
    const whole = { start: 0, end: model.layers.length, index: 0, count: 1 };
    return stageWeights({ model, layout: { ...layout, expert: 1 }, precision: "as-published" }, whole);
  }
  const [layer] = model.layerKinds;
  if (layer === undefined) return 0;
  const formats = method === "mtp" ? precision : "bf16";
  // The product that joins two hidden vectors is on every rank.
  const other = method === "mtp" ? served.multiToken?.otherParameters : 2 * model.hidden * model.hidden;
  const weights = layerWeights(layer, layout, formatsOf(served, formats, served.layers.length));
  return modules * (weights + (other ?? 0) * plainBytes);
}

function drafterCache(
  { layout, cacheElementBytes }: MemoryCase,
  { model, modules }: Drafter,
): { readonly token: Bytes; readonly sequence: Bytes } {
  const { token, sequence } = stageCache({ model, layout, cacheElementBytes }, { start: 0, end: model.layers.length });
  return { token: modules * token, sequence: modules * sequence };
}

type Formats = Readonly<Record<"attention" | "dense" | "shared" | "routed", number>>;

/** Bytes a weight of each part of one layer. */
function formatsOf({ weights }: ModelArchitecture, precision: MemoryCase["precision"], layer: number): Formats {
  const of = (part: keyof Formats): number => {
    if (precision !== "as-published") return bytesPerWeight(precision);
    return weights === undefined ? plainBytes : published(weights, part, layer);
  };
  return { attention: of("attention"), dense: of("dense"), shared: of("shared"), routed: of("routed") };
}

function published(storage: WeightStorage, part: keyof Formats, layer: number): number {
  return storage.unquantized[part].includes(layer) ? plainBytes : bytesPerWeight(storage[part]);
}

/** Norms, routers and whatever tensor parallelism copies stay in 16 bits. */
function layerWeights({ mixer, feedForward, otherParameters }: LayerKind, layout: ReplicaShape, bytes: Formats): Bytes {
  const { tensor, attentionData } = layout;
  let sum = otherParameters * plainBytes;
  if (mixer.kind !== "none") {
    const matrices = mixer.projections.reduce((all, { in: rows, out }) => all + rows * out, 0);
    sum += projectionsShard(mixer.projections, tensor) * bytes.attention + (mixer.parameters - matrices) * plainBytes;
  }
  if (feedForward.kind === "dense") {
    const replicated = feedForward.replicatedParameters ?? 0;
    return sum + ((feedForward.parameters - replicated) / tensor) * bytes.dense + replicated * plainBytes;
  }
  if (feedForward.kind === "none") return sum;
  const { routed, shared, replicated } = feedForward.parameters;
  // Whole experts on some ranks or slices of all on each: a rank holds the same.
  const ranks = tensor * attentionData;
  return sum + (routed / ranks) * bytes.routed + (shared / tensor) * bytes.shared + replicated * plainBytes;
}

function projectionsShard(projections: readonly Projection[], tensor: number): number {
  return projections.reduce((sum, { in: rows, out, split, splitLimit = tensor }) => {
    return sum + (rows * out) / (split === "replicated" ? 1 : Math.min(tensor, splitLimit));
  }, 0);
}

/**
 * Most that an iteration of the largest batch needs at one moment: inside the widest layer, or when it samples.
 *
 *     layer:  2 n (2 h + 3 f / t)      n tokens, h hidden, f width of the feed-forward on a token, t tensor
 *     sample: 2 n h + b s V            s sequences, V vocabulary, b bytes a logit
 *
 * The engine's own start-up measures it with random tokens; so it is a peak and no mean.
 */
function peakActivations(c: MemoryCase, { index, count }: StageRange): Bytes {
  const { model, layout, maxBatchedTokens, maxSequences, rule } = c;
  const width = Math.max(...model.layerKinds.map((kind) => feedForwardWidth(kind, layout)), 0);
  const layer = plainBytes * maxBatchedTokens * (2 * model.hidden + 3 * width);
  const sample = plainBytes * maxBatchedTokens * model.hidden + rule.logitBytes * maxSequences * model.vocabulary;
  return index === count - 1 ? Math.max(layer, sample) : layer;
}

/** Elements of a token between the two products of the feed-forward, on one rank; of experts all that it goes to. */
function feedForwardWidth({ feedForward }: LayerKind, { tensor }: ReplicaShape): number {
  if (feedForward.kind === "none") return 0;
  if (feedForward.kind === "dense") return feedForward.parameters === 0 ? 0 : feedForward.width / tensor;
  return (feedForward.topK * feedForward.width + feedForward.sharedWidth + feedForward.parallelDenseWidth) / tensor;
}
