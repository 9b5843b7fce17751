/**
 * Step time as Vidur's reference runs compute it: a table of linear layers by tokens, attention by closed formulas at
 * the nearest profiled point. For cross-checks of schedulers; it says nothing about a real A100.
 * @source vidur-reference
 */

import type { Seconds } from "../../base/quantity.ts";
import { leaf, sumOf } from "../../base/term.ts";
import type { Batch, StepTime } from "./batch.ts";

/** The published table: milliseconds of one layer by tokens in the batch, a multiple of 8. */
export interface VidurTable {
  readonly layers: number;
  readonly linear: ReadonlyMap<number, number>;
}

/** Reads `steptable-llama3-8b-a100.json`. */
export function readVidurTable(content: string): VidurTable {
  const found = JSON.parse(content) as { layers?: unknown; linear_ms?: unknown };
  if (typeof found.layers !== "number" || typeof found.linear_ms !== "object" || found.linear_ms === null) {
    throw new Error("a step table has `layers` and `linear_ms`");
  }
  const linear = new Map(Object.entries(found.linear_ms).map(([tokens, time]) => [Number(tokens), Number(time)]));
  return { layers: found.layers, linear };
}

const millisecond: Seconds = 1e-3;
const rowBytes = 4096;
/** Rates behind the attention profile. */
const prefillRate = 150e12;
const prefillBandwidth = 1.2e12;
const decodeBandwidth = 1.75e12;
const storeBandwidth = 1.2e12;
/** What several sequences of one kind cost over one. */
const several = 1.1;

export function vidurStepTime(table: VidurTable): StepTime {
  const linear = linearTimes(table.linear);
  const parts = (batch: Batch): readonly [number, number, number, number] => [
    linear[Math.ceil(batch.tokens / 8)] ?? lastOf(linear, batch.tokens),
    storeTime(batch.tokens),
    batch.decodes === 0 ? 0 : decodeTime(batch.decodes, batch.decodeContext / batch.decodes + 1),
    batch.prefills === 0 ? 0 : prefillTime(batch),
  ];
  const time = (batch: Batch): Seconds => {
    const [dense, store, decode, prefill] = parts(batch);
    return table.layers * (dense + store + decode + prefill);
  };
  return {
    time: ([batch]) => (batch === undefined || batch.tokens === 0 ? 0 : time(batch)),
    terms([batch]) {
      const names = ["linear", "store", "decode", "prefill"];
      const labels = ["Linear layers", "Cache writes", "Decode attention", "Prefill attention"];
      const values = batch === undefined || batch.tokens === 0 ? [0, 0, 0, 0] : parts(batch);
      const children = values.map((value, index) =>
        leaf({
          name: names[index] ?? "",
          label: labels[index] ?? "",
          value: table.layers * value,
          origin: "given",
          source: "vidur-reference",
        }),
      );
      return sumOf({ name: "iteration", label: "Iteration" }, children);
    },
  };
}

/** By eighths of tokens. The published table skips some multiples of 8 above 1,024: lines between its neighbours. */
function linearTimes(linear: ReadonlyMap<number, number>): Float64Array {
  const known = [...linear].sort((a, b) => a[0] - b[0]);
  const last = known.at(-1)?.[0] ?? 0;
  const times = new Float64Array(last / 8 + 1);
  known.forEach(([tokens, time], index) => {
    const [before, timeBefore] = known[index - 1] ?? [0, time];
    for (let t = before + 8; t <= tokens; t += 8) {
      times[t / 8] = (timeBefore + ((time - timeBefore) * (t - before)) / (tokens - before)) * millisecond;
    }
  });
  return times;
}

/** Beyond the table: time per token of its last entry. */
function lastOf(linear: Float64Array, tokens: number): Seconds {
  const eighths = linear.length - 1;
  return ((linear[eighths] as number) * Math.ceil(tokens / 8)) / eighths;
}

const queryPoints = stepped([64, 960, 64], [1024, 4096, 128]);
const keyPoints = stepped([0, 960, 64], [1024, 8192, 256]);
const batchPoints = stepped([1, 32, 1], [40, 512, 8]);
const storePoints = [...new Set([...queryPoints, ...batchPoints])].sort((a, b) => a - b);

function stepped(...ranges: readonly (readonly [number, number, number])[]): number[] {
  return ranges.flatMap(([from, to, by]) =>
    Array.from({ length: (to - from) / by + 1 }, (_, index) => from + index * by),
  );
}

/** New keys and values written to the cache. */
function storeTime(tokens: number): Seconds {
  return (0.002 + ((2 * nearest(storePoints, tokens) * rowBytes) / storeBandwidth) * 1000) * millisecond;
}

/** Decodes at the mean of their tokens, the one computed now included, rounded up to 64. */
function decodeTime(count: number, mean: number): Seconds {
  const keys = nearest(keyPoints, Math.ceil(mean / 64) * 64);
  const read = ((nearest(batchPoints, count) * keys * rowBytes) / decodeBandwidth) * 1000;
  return (0.02 + read) * millisecond * (count > 1 ? several : 1);
}

/** Chunks joined to one of the root of their squares, over all the keys cached before them. */
function prefillTime(batch: Batch): Seconds {
  let cached = 0;
  let squares = 0;
  for (let index = 0; index < batch.prefills; index++) {
    const chunk = batch.prefillChunk[index] as number;
    cached += Math.ceil((batch.prefillCached[index] as number) / 64) * 64;
    squares += chunk * chunk;
  }
  const keys = nearest(keyPoints, cached);
  const queries = nearest(queryPoints, Math.round(Math.sqrt(squares)));
  const compute = (4 * queries * (keys + queries / 2) * rowBytes) / prefillRate;
  const read = ((keys + queries) * rowBytes) / prefillBandwidth;
  return (0.012 + (compute + read) * 1000) * millisecond * (batch.prefills > 1 ? several : 1);
}

/** The nearest of sorted points; the smaller of two equally near. */
function nearest(points: readonly number[], wanted: number): number {
  let low = 0;
  let high = points.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle] as number) <= wanted) low = middle;
    else high = middle;
  }
  const below = points[low] as number;
  const above = points[high] as number;
  return wanted - below <= above - wanted ? below : above;
}
