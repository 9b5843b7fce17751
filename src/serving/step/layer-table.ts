/**
 * Step time from a user's table of measured layer times, in the form of LLMServingSim's profiles: dense layers by
 * tokens, attention by (chunk, cached before it, decodes, their mean context), head and sampler by sequences.
 *
 * Ignores: graphs (the tables are of eager kernels, padding would add no measured time), and how the contexts of
 * decodes are spread beyond their mean and their largest.
 * @source llmservingsim-profiles
 */

import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { leaf, maxOf, sumOf, type Term } from "../../base/term.ts";
import type { Batch, StepTime } from "./batch.ts";
import { type Curve, curveOf, curveValue } from "./curve.ts";
import { type Grid, gridOf, gridValue } from "./grid.ts";
import { readTable, type TableRow } from "./read-table.ts";
import { type SkewTable, skewShare, skewTableOf } from "./skew.ts";

export interface LayerTableOptions {
  /** Texts of the files. */
  readonly dense: string;
  readonly attention: string;
  readonly perSequence: string;
  /** Correction for uneven contexts, and the share where it has no entry. Absent: none. */
  readonly skew?: { readonly table?: string; readonly fallback: number };
  /** Layers of the model. */
  readonly layers: number;
  /** All-reduces of a layer, which the tables leave out: each takes latency + size / bandwidth. Absent: none. */
  readonly allReduce?: {
    readonly perLayer: number;
    readonly latency: Seconds;
    readonly bandwidth: BytesPerSecond;
    readonly bytesPerToken: Bytes;
  };
}

const microsecond: Seconds = 1e-6;

/** How often a dense layer runs in a transformer layer (`step`: once in a step); others run once a layer. */
const timesRun: Readonly<Record<string, number | "step">> = {
  embedding: "step",
  final_layernorm: "step",
  layernorm: 2,
};

/** Step time of a replica whose layers were measured. Throws where a table is not one, with file and line. */
export function layerTableStepTime(options: LayerTableOptions): StepTime {
  const tables = readTables(options);
  const parts = new Float64Array(partNames.length);
  const rankTime = (batch: Batch): Seconds => {
    if (batch.tokens === 0) return 0;
    fillParts(parts, tables, options, batch);
    let sum = 0;
    for (let index = 0; index < parts.length; index++) sum += parts[index] as number;
    return sum;
  };
  return {
    time(batches) {
      let longest = 0;
      for (let index = 0; index < batches.length; index++) {
        longest = Math.max(longest, rankTime(batches[index] as Batch));
      }
      return longest;
    },
    terms(batches) {
      const ranks = batches.map((batch, index) => {
        parts.fill(0);
        rankTime(batch);
        return rankTerm(index, parts);
      });
      return maxOf({ name: "iteration", label: "Iteration", formula: "slowest rank" }, ranks);
    },
  };
}

const partNames = ["dense", "attention", "ends", "head", "all-reduce"] as const;
const partLabels: Readonly<Record<(typeof partNames)[number], string>> = {
  dense: "Dense layers",
  attention: "Attention",
  ends: "Embedding and last norm",
  head: "Head and sampler",
  "all-reduce": "All-reduces",
};

function rankTerm(index: number, parts: Float64Array): Term {
  const children = partNames.map((name, at) =>
    leaf({
      name,
      label: partLabels[name],
      value: parts[at] as number,
      origin: "given",
      source: "llmservingsim-profiles",
    }),
  );
  return sumOf({ name: `rank-${index}`, label: `Rank ${index}` }, children);
}

interface Tables {
  readonly layer: Curve;
  readonly ends: Curve;
  readonly head: Curve;
  readonly attention: Grid;
  readonly skew: SkewTable | undefined;
}

function fillParts(parts: Float64Array, tables: Tables, options: LayerTableOptions, batch: Batch): void {
  const { layers, allReduce } = options;
  const tokens = batch.tokens;
  parts[0] = layers * curveValue(tables.layer, tokens) * microsecond;
  parts[1] = layers * attentionTime(tables, batch) * microsecond;
  parts[2] = curveValue(tables.ends, tokens) * microsecond;
  parts[3] = batch.sampled > 0 ? curveValue(tables.head, batch.sampled) * microsecond : 0;
  parts[4] =
    allReduce === undefined
      ? 0
      : layers * allReduce.perLayer * (allReduce.latency + (tokens * allReduce.bytesPerToken) / allReduce.bandwidth);
}

/** Attention of one layer in microseconds, decodes at their mean context, moved towards their largest. */
function attentionTime({ attention, skew }: Tables, batch: Batch): number {
  const { chunk, cached } = oneChunk(batch);
  const n = batch.decodes;
  if (n === 0) return gridValue(attention, chunk, cached, 0, 0);
  const mean = batch.decodeContext / n;
  const even = gridValue(attention, chunk, cached, n, mean);
  if (skew === undefined || n === 1 || batch.decodeContextMax <= mean) return even;
  const longest = gridValue(attention, chunk, cached, n, batch.decodeContextMax);
  const { decodeContextMin: smallest, decodeContextMax } = batch;
  const share = skewShare(skew, { chunk, cached, count: n, mean, smallest, longest: decodeContextMax });
  return even + share * (longest - even);
}

const joined = { chunk: 0, cached: 0 };

/**
 * The one chunk that stands for several: as many query tokens and as many query-key pairs,
 *
 *     c = sum c_i,  k = sum c_i (k_i + c_i / 2) / c - c / 2
 *
 * Many short prompts have fewer pairs than one chunk of their tokens; the chunk then shrinks to their pairs.
 * @source llmservingsim-profiles
 */
function oneChunk(batch: Batch): { readonly chunk: number; readonly cached: number } {
  let pairs = 0;
  for (let index = 0; index < batch.prefills; index++) {
    const chunk = batch.prefillChunk[index] as number;
    pairs += chunk * ((batch.prefillCached[index] as number) + chunk / 2);
  }
  const chunk = batch.prefillTokens;
  const cached = chunk === 0 ? 0 : pairs / chunk - chunk / 2;
  joined.chunk = cached < 0 ? Math.sqrt(2 * pairs) : chunk;
  joined.cached = Math.max(0, cached);
  return joined;
}

function readTables({ dense, attention, perSequence, skew }: LayerTableOptions): Tables {
  const denseRows = readTable("dense.csv", dense, ["tokens", "time_us"], "layer");
  const headRows = readTable("per_sequence.csv", perSequence, ["sequences", "time_us"], "layer");
  const columns = ["prefill_chunk", "kv_prefill", "n_decode", "kv_decode", "time_us"];
  const points = readTable("attention.csv", attention, columns).map(({ numbers }) => numbers);
  return {
    layer: summed(denseRows, (name) => (timesRun[name] === "step" ? 0 : Number(timesRun[name] ?? 1))),
    ends: summed(denseRows, (name) => (timesRun[name] === "step" ? 1 : 0)),
    head: summed(headRows, () => 1),
    attention: gridOf(points),
    skew: skew === undefined ? undefined : skewTableOf(skew.table, skew.fallback),
  };
}

/** Sum of the curves of all layers in a table, each so many times; all layers stand at the same counts. */
function summed(rows: readonly TableRow[], times: (layer: string) => number): Curve {
  const sums = new Map<number, number>();
  for (const { text, numbers } of rows) {
    const [count, time] = numbers as [number, number];
    sums.set(count, (sums.get(count) ?? 0) + times(text) * time);
  }
  const layers = new Set(rows.map(({ text }) => text)).size;
  if (rows.length !== layers * sums.size) throw new Error("the layers of a table stand at different counts");
  return curveOf(sums);
}
