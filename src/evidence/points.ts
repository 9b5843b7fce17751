/**
 * Records with several points: `at` says where each value was taken. A size chooses a point of the scenario's sweep, a
 * stage one of its rates one after the other; everything else is a change to the scenario, so that a sweep over ranks or algorithms stays one record.
 */

import { parseQuantity } from "../base/quantity.ts";
import type { Prediction } from "../scenario/index.ts";
import { type EvidenceRecord, type Section, scenarioOf } from "./record.ts";

/** What `at` may say besides `size`, and the key of the scenario that it sets. */
const places: Readonly<Record<string, readonly string[]>> = {
  nodes: ["cluster", "nodes"],
  operation: ["workload", "operation"],
  algorithm: ["workload", "algorithm"],
  ranks: ["workload", "group", "size"],
  perNode: ["workload", "group", "perNode"],
  direction: ["workload", "exchange", "direction"],
  precision: ["workload", "exchange", "precision"],
  multiprocessors: ["workload", "exchange", "multiprocessors"],
  input: ["workload", "requests", "input"],
  output: ["workload", "requests", "output"],
  count: ["workload", "requests", "count"],
  concurrency: ["workload", "requests", "concurrency"],
  rate: ["workload", "requests", "rate"],
};

/** What only chooses a point of a prediction, and changes nothing of the scenario. */
const chosen: readonly string[] = ["size", "stage"];

/** What a point changes, as a key: points that change the same are of one prediction. */
export function variationOf(at: Section | undefined): string {
  const changes = Object.entries(at ?? {}).filter(([key]) => !chosen.includes(key));
  return JSON.stringify(changes.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The record's scenario with what a point changes; a key that means nothing is left to be refused by name. */
export function scenarioAt(record: EvidenceRecord, at: Section | undefined): Section {
  return Object.entries(at ?? {}).reduce<Section>((scenario, [key, value]) => {
    return chosen.includes(key) ? scenario : changed(scenario, places[key] ?? ["workload", key], value);
  }, scenarioOf(record));
}

function changed(section: Section, path: readonly string[], value: unknown): Section {
  const [key = "", ...rest] = path;
  if (rest.length === 0) return { ...section, [key]: value };
  const below = section[key];
  const inner = typeof below === "object" && below !== null ? (below as Section) : {};
  return { ...section, [key]: changed(inner, rest, value) };
}

/** Metrics at a point of a prediction: at its size, or of the whole; undefined where it has no such size. */
export function metricsAt(prediction: Prediction, at: Section | undefined): Prediction["metrics"] | undefined {
  if (at?.stage !== undefined) return prediction.points?.find((point) => point.at.stage === at.stage)?.metrics;
  if (at?.size === undefined) return prediction.metrics;
  const size = sizeOf(at);
  return prediction.points?.find((point) => point.at.size === size)?.metrics;
}

/** Bytes of a point, NaN where it states none that can be read. */
export function sizeOf(at: Section | undefined): number {
  if (typeof at?.size === "number") return at.size;
  const parsed = parseQuantity(at?.size, "bytes");
  return parsed.ok ? parsed.value : Number.NaN;
}
