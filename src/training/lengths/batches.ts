/**
 * Drawn steps laid over a layout: the micro-batches of every data rank, how long each is padded, and the attention core
 * of each layer kind in it. What is uniform is said to be, so that it is predicted as plain sequences are.
 */

import type { Seconds, Tokens } from "../../base/quantity.ts";
import type { LayerKind, ModelArchitecture } from "../../catalog/model.ts";
import type { Kernels } from "../../compute/index.ts";
import type { TrainingCase } from "../case.ts";
import { contextWork, methodOf } from "../exchange/context/index.ts";
import type { DrawnCore } from "../exchange/exchange.ts";
import { microBatches } from "../parallel.ts";
import { assignRows, type Places } from "./balance.ts";
import { type CoreTime, type MicroBatchCore, microBatchCore } from "./core.ts";
import type { DrawnRows } from "./draw.ts";
import type { SequenceLengths } from "./lengths.ts";
import type { Row } from "./packing.ts";

/** The core of one layer kind over all drawn micro-batches. */
export interface KindCore extends DrawnCore {
  /** Both passes with the busiest rank's excess, over the mean, less one: [(step x ranks + rank) x microBatches + k]. */
  readonly amount: Float64Array;
}

export interface Batches {
  readonly places: Places;
  readonly steps: number;
  /** Tokens that each row of a micro-batch is padded to, laid out as the amounts. */
  readonly padded: Float64Array;
  readonly meanPadded: Tokens;
  readonly longestPadded: Tokens;
  readonly cores: ReadonlyMap<LayerKind, KindCore>;
}

type LengthCase = TrainingCase & { readonly lengths: SequenceLengths };

/** The one length to which every row is padded, where each is a whole sequence of that length. */
export function uniformLength(c: LengthCase, { steps }: DrawnRows): Tokens | undefined {
  const { packing, padding, masking } = c.lengths;
  if (packing !== "none" && masking === "none") return c.sequenceLength;
  if (packing === "none" && padding === "packed-length") return c.sequenceLength;
  const first = steps[0]?.[0]?.[0];
  const alike = steps.every((rows) => rows.every((row) => row.length === 1 && row[0] === first));
  if (first === undefined || !alike) return undefined;
  return packing === "none" ? paddedTo(c, first) : first === c.sequenceLength ? first : undefined;
}

/** The next length that the cut over context and tensor ranks divides. */
function paddedTo({ layout, sequenceLength }: Pick<TrainingCase, "layout" | "sequenceLength">, length: Tokens): Tokens {
  const cut = layout.context * (layout.sequenceParallel === "on" ? layout.tensor : 1) * (layout.context > 1 ? 2 : 1);
  return Math.min(sequenceLength, Math.ceil(length / cut) * cut);
}

/** @param perToken seconds that one token costs outside the cores, for the balancers' weights. */
export function layBatches(c: LengthCase, rows: DrawnRows, kernels: Kernels, perToken: Seconds): Batches {
  const { layout, lengths } = c;
  const places = { ranks: layout.data, microBatches: microBatches(layout, c.globalBatch), rows: layout.microBatch };
  const cores = kindCores(c, kernels);
  const slots = places.ranks * places.microBatches;
  const padded = new Float64Array(rows.steps.length * slots);
  const times = cores.map(() => Array<CoreTime>(padded.length));
  rows.steps.forEach((step, index) => {
    const placed = assignRows(lengths.balance, weights(c, step, cores, perToken), places, lengths.packing !== "none");
    for (let slot = 0; slot < slots; slot++) {
      const batch: Row[] = [];
      for (let at = slot * places.rows; at < (slot + 1) * places.rows; at++) batch.push(step[placed[at]!] ?? []);
      const { length, attending } = laidOut(c, batch);
      padded[index * slots + slot] = length;
      cores.forEach(({ core }, kind) => {
        times[kind]![index * slots + slot] = core(attending);
      });
    }
  });
  let sum = 0;
  let longestPadded = 0;
  for (const length of padded) {
    sum += length;
    longestPadded = Math.max(longestPadded, length);
  }
  return {
    places,
    steps: rows.steps.length,
    padded,
    // The mean of equal lengths is that length, to the last digit.
    meanPadded: padded.every((length) => length === longestPadded) ? longestPadded : sum / padded.length,
    longestPadded,
    cores: new Map(
      cores.flatMap(({ kinds }, index) => {
        const core = kindCore(times[index] ?? []);
        return kinds.map((kind) => [kind, core] as const);
      }),
    ),
  };
}

interface CoreOfKind {
  readonly kinds: LayerKind[];
  count: number;
  readonly core: MicroBatchCore;
}

/** Attention cores of the layers: one for all kinds whose cores are alike, and how many layers have it. */
function kindCores(c: LengthCase, kernels: Kernels): readonly CoreOfKind[] {
  const method = methodOf(c);
  const one = { ...c, layout: { ...c.layout, microBatch: 1 } };
  const cores = new Map<string, CoreOfKind>();
  for (const { kind, count } of kindsOf(c.model, c.multiTokenModules)) {
    const work = contextWork(one, kind.mixer);
    if (work === undefined) continue;
    const key = JSON.stringify(work.shape);
    const known = cores.get(key);
    if (known === undefined) {
      const core = microBatchCore({ kernels, method, work, contextCut: c.lengths.contextCut });
      cores.set(key, { kinds: [kind], count, core });
      continue;
    }
    known.kinds.push(kind);
    known.count += count;
  }
  return [...cores.values()];
}

function kindsOf(model: ModelArchitecture, modules: number): readonly { kind: LayerKind; count: number }[] {
  const counts = model.layerKinds.map((kind, index) => ({
    kind,
    count: model.layers.filter((layer) => layer === index).length,
  }));
  return model.multiToken === undefined ? counts : [...counts, { kind: model.multiToken.layer, count: modules }];
}

/** A row that one length fills. */
function wholeRow(length: Tokens): Row {
  return [length];
}

/** How a micro-batch is padded, and what attends among itself in it. */
function laidOut(
  c: LengthCase,
  batch: readonly Row[],
): { readonly length: Tokens; readonly attending: readonly Row[] } {
  const { packing, masking } = c.lengths;
  if (packing !== "none") {
    return {
      length: c.sequenceLength,
      attending: masking === "documents" ? batch : batch.map(() => wholeRow(c.sequenceLength)),
    };
  }
  const length = paddedTo(c, Math.max(...batch.map(([only]) => only ?? 1)));
  return { length, attending: batch.map(() => wholeRow(length)) };
}

/** What the balancers take a row for: its tokens outside the cores and its own attention. */
function weights(c: LengthCase, step: readonly Row[], cores: readonly CoreOfKind[], perToken: Seconds): Float64Array {
  if (c.lengths.balance === "none") return new Float64Array(step.length);
  return Float64Array.from(step, (row) => {
    const { length, attending } = laidOut(c, [row]);
    let weight = perToken * length;
    for (const { core, count } of cores) {
      weight += count * wholeOf(core(attending));
    }
    return weight;
  });
}

function kindCore(times: readonly CoreTime[]): KindCore {
  const [first] = times;
  if (first !== undefined && times.every((time) => wholeOf(time) === wholeOf(first))) {
    const { forward, backward, excessForward, excessBackward } = first;
    const excess = { forward: excessForward, backward: excessBackward };
    return { time: { forward, backward }, excess, amount: new Float64Array(times.length) };
  }
  const mean = { forward: 0, backward: 0, excessForward: 0, excessBackward: 0 };
  for (const time of times) {
    mean.forward += time.forward / times.length;
    mean.backward += time.backward / times.length;
    mean.excessForward += time.excessForward / times.length;
    mean.excessBackward += time.excessBackward / times.length;
  }
  const whole = wholeOf(mean);
  const amount = Float64Array.from(times, (time) => (whole === 0 ? 0 : wholeOf(time) / whole - 1));
  return {
    time: { forward: mean.forward, backward: mean.backward },
    excess: { forward: mean.excessForward, backward: mean.excessBackward },
    amount,
  };
}

function wholeOf({ forward, backward, excessForward, excessBackward }: CoreTime): Seconds {
  return forward + backward + excessForward + excessBackward;
}
