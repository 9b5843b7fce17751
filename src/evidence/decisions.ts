/**
 * Decisions: would the predictions have chosen like the measurements? Records of one source, model, hardware and size
 * are options for one another, of serving those under one load; pairs measured more than 5 % apart are judged. Runs of
 * one and the same configuration are no options.
 */

import type { Line, Replayed } from "./replay.ts";

export interface Decision {
  readonly group: string;
  /** Pairs measured more than 5 % apart. */
  readonly pairs: number;
  /** Of those, pairs that the predictions order as measured. */
  readonly rightOrder: number;
  /** Of those, pairs that the predictions call a tie. */
  readonly cannotTell: number;
  /** Mean over those pairs of measured(best) / measured(chosen) - 1 in throughput: lost by following the prediction. */
  readonly meanRegret: number;
}

/** Measured differences below this are no decision. */
const judgedGap = 0.05;

/** Metrics of which less is better; the others are rates. */
const costs = new Set(["stepTime", "memoryPerAccelerator", "modelStateMemory", "activationMemory"]);

/** Times per token decide between fleets under one load. */
const perToken = /^(timePerOutputToken|interTokenLatency)\./;

interface Option {
  /** Of serving, what is chosen: runs that differ in nothing are no options for one another. */
  readonly configuration: string | undefined;
  /** Throughput-like: more is better, and options of one group differ in nothing else. */
  readonly measured: number;
  readonly predicted: number;
}

/** Decisions of every group with a judged pair. `tie`: predictions closer than this are one. */
export function decisionsOf(replayed: readonly Replayed[], tie: number): readonly Decision[] {
  const groups = new Map<string, Option[]>();
  for (const entry of replayed) {
    const line = decidingLine(entry);
    const key = line === undefined ? undefined : groupOf(entry, line);
    if (key === undefined || line === undefined || line.predicted === null) continue;
    const options = groups.get(key) ?? [];
    options.push(optionOf(entry, line, line.predicted));
    groups.set(key, options);
  }
  return [...groups].flatMap(([group, options]) => {
    const decision = decide(options, tie);
    return decision.pairs === 0 ? [] : [{ group, ...decision }];
  });
}

function decidingLine({ lines }: Replayed): Line | undefined {
  const primary = lines.filter((line) => line.primary);
  return primary.find(({ metric }) => perToken.test(metric)) ?? primary[0];
}

/** Same source, model, hardware and size; a run of another length is other work, not an option. */
function groupOf({ record, features, stated }: Replayed, line: Line): string | undefined {
  if (features === undefined || !stated || record.anomaly !== undefined) return undefined;
  const { accelerator, accelerators, sequence } = features;
  const model = modelName(record.workload.model);
  if (record.kind.startsWith("serving-")) {
    if (line.metric === "verdict") return undefined;
    const { requests } = record.workload;
    // Formats of one model are options for one another.
    const family = features.model.replace(/^.*\//, "").replace(/[-_](instruct|nvfp4|fp8).*$/i, "");
    return [record.source.title, family, accelerator, accelerators, JSON.stringify(requests), line.metric].join(" | ");
  }
  if (record.kind !== "training-step") return undefined;
  return [record.source.title, model, accelerator, accelerators, sequence, line.metric].join(" | ");
}

/** A catalog name, or the name that an inline config carries. */
function modelName(written: unknown): string {
  if (typeof written !== "object" || written === null) return String(written);
  return "_name_or_path" in written ? String(written._name_or_path) : JSON.stringify(written);
}

/** Per token, so that options of another batch or length compare. */
function optionOf({ record }: Replayed, line: Line, predicted: number): Option {
  const { workload, serving } = record;
  const configuration = serving === undefined ? undefined : JSON.stringify([serving, workload]);
  if (perToken.test(line.metric)) return { configuration, measured: 1 / line.measured, predicted: 1 / predicted };
  if (!costs.has(line.metric)) return { configuration, measured: line.measured, predicted };
  const tokens = Number(workload.globalBatch) * Number(workload.sequenceLength);
  return { configuration, measured: tokens / line.measured, predicted: tokens / predicted };
}

function decide(options: readonly Option[], tie: number): Omit<Decision, "group"> {
  let pairs = 0;
  let rightOrder = 0;
  let cannotTell = 0;
  let lost = 0;
  options.forEach((a, index) => {
    for (const b of options.slice(index + 1)) {
      const apart = gap(a.measured, b.measured);
      if (apart <= judgedGap || isSame(a, b)) continue;
      pairs++;
      const right = a.measured > b.measured === a.predicted > b.predicted;
      if (gap(a.predicted, b.predicted) <= tie) cannotTell++;
      else if (right) rightOrder++;
      if (!right) lost += apart;
    }
  });
  return { pairs, rightOrder, cannotTell, meanRegret: pairs === 0 ? 0 : lost / pairs };
}

function isSame(a: Option, b: Option): boolean {
  return a.configuration !== undefined && a.configuration === b.configuration;
}

/** How much faster the faster of two is. */
function gap(a: number, b: number): number {
  return Math.max(a, b) / Math.min(a, b) - 1;
}
