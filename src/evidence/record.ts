/**
 * Evidence records: published measured runs as runnable scenarios. A record is a scenario (cluster, workload, layout,
 * software) plus what was measured, by whom, and how far the scenario is ours: `inferred` names what we chose,
 * `assumptions` says how each silence of the source was filled.
 */

import type { FlopConvention } from "../training/result.ts";

/** Fit: calibration may use it. Judge: it only measures the error of the models. The split is by source, never by row. */
export type Use = "fit" | "judge";

/** A section of a scenario as it is written in YAML or JSON. */
export type Section = Readonly<Record<string, unknown>>;

export interface Measured {
  /** Metric name of DESIGN 2.3, e.g. `stepTime`. */
  readonly metric: string;
  /** Text with its unit (`6.5 s`), or a bare number for ratios. */
  readonly value: string | number;
  readonly primary: boolean;
  /**
   * Where in a series of points this value was taken: `size`, `stage`, and what it changes of the scenario (see `points.ts`).
   */
  readonly at?: Section;
}

export interface Assumption {
  /** Dotted path into the scenario. */
  readonly path: string;
  readonly value: string;
  readonly reason: string;
}

export interface EvidenceSource {
  readonly title: string;
  readonly url: string;
  readonly where: string;
  readonly year: number;
}

export interface EvidenceRecord {
  readonly windtunnel: 1;
  readonly name: string;
  readonly id: string;
  /** Kind of the raw row: training-step, training-memory, … */
  readonly kind: string;
  readonly source: EvidenceSource;
  /** Page on which the value was read where that is not the source itself. */
  readonly seenAt?: string;
  readonly use: Use;
  readonly cluster: Section;
  readonly workload: Section;
  readonly layout?: Section;
  readonly serving?: Section;
  readonly software?: string | Section;
  /** How the FLOP rates of `measured` are counted. */
  readonly flopConvention?: FlopConvention;
  readonly measured: readonly Measured[];
  /** Values of the raw row that are not measurements of their own, and why. */
  readonly unconverted: readonly { readonly metric: string; readonly reason: string }[];
  /** Paths whose value we chose: such records are summarised apart and gate nothing. */
  readonly inferred: readonly string[];
  readonly assumptions: readonly Assumption[];
  /** The line as it stands in the source, at most 200 characters. */
  readonly quote: string;
  readonly notes: string;
  /** What is wrong with the run, in words: such a record is predicted and shown, and averaged nowhere. */
  readonly anomaly?: string;
  /** What the models saw of this very platform, where they did: agreement then proves less. */
  readonly calibration?: string;
}

const scenarioKeys = [
  "windtunnel",
  "name",
  "cluster",
  "workload",
  "layout",
  "serving",
  "software",
  "flopConvention",
] as const;

/** The scenario inside a record: the keys that `parseScenario` knows. */
export function scenarioOf(record: EvidenceRecord): Section {
  const entries = scenarioKeys.flatMap((key) => (record[key] === undefined ? [] : [[key, record[key]] as const]));
  return Object.fromEntries(entries);
}

/** True where every setting that matters was published: such records count in the summaries that are gated. */
export function isStated(record: EvidenceRecord): boolean {
  return record.inferred.length === 0;
}
