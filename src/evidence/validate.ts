/**
 * Validation: predictions against measured runs, in the form that other tools read (DESIGN 2.3). Records whose layout or
 * batch we chose are summarised apart, under the kind with the suffix `-inferred`, and stand in no other group; runs that
 * something is wrong with are shown, and averaged only among themselves.
 */

import type { Files } from "../scenario/index.ts";
import { type Decision, decisionsOf } from "./decisions.ts";
import type { EvidenceRecord } from "./record.ts";
import { type Call, type Features, type Line, type Replayed, replay } from "./replay.ts";
import { type ErrorSummary, summarize } from "./statistics.ts";

export interface Group extends ErrorSummary {
  readonly by:
    | "source"
    | "accelerator"
    | "software"
    | "architecture"
    | "sizeBand"
    | "use"
    | "technique"
    | "operation"
    | "collective"
    | "engine"
    | "load";
  readonly key: string;
  readonly metric: string;
}

export interface ValidateReport {
  /** One line per (id, metric, at), primary or not. */
  readonly records: readonly Line[];
  /** Primaries only, by kind and primary metric. */
  readonly summary: Readonly<Record<string, Readonly<Record<string, ErrorSummary>>>>;
  readonly groups: readonly Group[];
  readonly decisions: readonly Decision[];
}

/**
 * Predictions closer than this are called a tie: identical runs measured twice differ by 1 to 6 %, so less than that
 * spread's lower end cannot be told.
 */
export const defaultTie = 0.01;

/** Suffix of the kind under which records with chosen settings are summarised. */
export const inferredSuffix = "-inferred";

/**
 * Predicts every record and compares.
 * @param files texts of the model configs that records name by path.
 */
export function validateRecords(records: readonly EvidenceRecord[], files: Files = {}): ValidateReport {
  return reportOf(records.map((record) => replay(record, files)));
}

/** The report of records that were replayed already. */
export function reportOf(replayed: readonly Replayed[], tie: number = defaultTie): ValidateReport {
  return {
    records: replayed.flatMap(({ lines }) => lines),
    summary: summaryOf(replayed),
    groups: groupsOf(replayed),
    decisions: decisionsOf(replayed, tie),
  };
}

interface Entry {
  readonly from: Replayed;
  readonly line: Line;
  readonly call: Call | undefined;
}

/** Every primary line; runs that something is wrong with are in no figure but their own. */
function primaries(replayed: readonly Replayed[], runs: "sound" | "anomalous" = "sound"): readonly Entry[] {
  return replayed
    .filter(({ record }) => (record.anomaly === undefined) === (runs === "sound"))
    .flatMap((from) => from.lines.map((line, index) => ({ from, line, call: from.calls[index] })))
    .filter(({ line }) => line.primary);
}

function summaryOf(replayed: readonly Replayed[]): ValidateReport["summary"] {
  const byKind = gather(primaries(replayed), ({ from }) => from.record.kind + (from.stated ? "" : inferredSuffix));
  return Object.fromEntries(
    [...byKind].map(([kind, entries]) => [
      kind,
      Object.fromEntries(
        [...gather(entries, ({ line }) => line.metric)].map(([metric, list]) => [metric, summarize(errorsOf(list))]),
      ),
    ]),
  );
}

function errorsOf(entries: readonly Entry[]): readonly (number | null)[] {
  return entries.map(({ line }) => line.error);
}

const unresolved = "unresolved";

/** Keys of a line in each grouping: none where it does not apply, several where bands overlap. */
const keys: readonly { readonly by: Group["by"]; readonly of: (entry: Entry) => readonly string[] }[] = [
  { by: "source", of: ({ from }) => [from.record.source.title] },
  { by: "accelerator", of: ({ from, call }) => [call?.accelerator ?? from.features?.accelerator ?? unresolved] },
  { by: "software", of: training(({ software }) => software) },
  { by: "architecture", of: training(({ architecture }) => architecture) },
  { by: "sizeBand", of: (entry) => (entry.call === undefined ? training(sizeBand)(entry) : messageBands(entry.call)) },
  { by: "engine", of: ({ from }) => engineOf(from) },
  { by: "load", of: ({ line }) => (line.load === undefined ? [] : [line.load]) },
  {
    by: "use",
    of: ({ from: { record } }) => [record.calibration === undefined ? record.use : `${record.use}, calibrated`],
  },
  { by: "technique", of: ({ from: { record } }) => techniquesOf(record).map((name) => `${name}, ${record.use}`) },
  { by: "operation", of: ({ call }) => (call === undefined ? [] : [callName(call)]) },
  {
    by: "collective",
    of: ({ call }) =>
      call === undefined ? [] : messageBands(call).map((band) => `${call.accelerator}, ${callName(call)}, ${band}`),
  },
];

/** Tokens of a sequence from which on a run is one of long context. */
const longSequence = 16_384;

/** What a training run does that plain data, tensor and pipeline parallelism does not. */
function techniquesOf({ kind, layout, workload }: EvidenceRecord): readonly string[] {
  if (kind !== "training-step") return [];
  const shared = Number(layout?.context ?? 1) > 1;
  return [
    ...(shared ? ["context parallel"] : []),
    ...(shared || Number(workload.sequenceLength) >= longSequence ? ["long context"] : []),
    ...(layout?.sharding === "full" || layout?.sharding === "hybrid" ? ["full sharding"] : []),
    ...(workload.tuning === undefined ? [] : ["tuning"]),
  ];
}

/** The engine without its version. */
function engineOf({ record, features }: Replayed): readonly string[] {
  if (!record.kind.startsWith("serving-")) return [];
  const written = record.serving?.engine as { readonly name?: string } | undefined;
  return [written?.name ?? features?.software.replace(/@.*/, "") ?? unresolved];
}

function training(key: (features: Features) => string): (entry: Entry) => readonly string[] {
  return ({ from: { features }, call }) => {
    if (call !== undefined) return [];
    return [features === undefined ? unresolved : key(features)];
  };
}

function callName({ operation, reach }: Call): string {
  return `${operation} in ${reach}`;
}

const mebibyte = 2 ** 20;

/** Bands of message sizes; the largest is part of the one before it. */
function messageBands({ size }: Call): readonly string[] {
  if (size < mebibyte) return ["below 1 MiB"];
  if (size < 16 * mebibyte) return ["1 MiB to 16 MiB"];
  return size < 64 * mebibyte ? ["16 MiB and more"] : ["16 MiB and more", "64 MiB and more"];
}

function groupsOf(replayed: readonly Replayed[]): readonly Group[] {
  const entries = primaries(replayed);
  const stated = entries.filter(({ from }) => from.stated);
  const inferred = entries.filter(({ from }) => !from.stated);
  const groups = keys.flatMap(({ by, of }) => groupsBy(by, stated, of));
  const apart = groupsBy("source", inferred, ({ from }) => [`${from.record.source.title} (inferred)`]);
  return [
    ...groups,
    ...apart,
    ...groupsBy("use", inferred, () => ["inferred"]),
    ...groupsBy("use", primaries(replayed, "anomalous"), () => ["anomalous"]),
  ];
}

function groupsBy(
  by: Group["by"],
  entries: readonly Entry[],
  keysOf: (entry: Entry) => readonly string[],
): readonly Group[] {
  const listed = entries.flatMap((entry) => keysOf(entry).map((key) => ({ ...entry, key })));
  return [...gather(listed, ({ key }) => key)].flatMap(([name, list]) =>
    [...gather(list, ({ line }) => line.metric)].map(([metric, of]) => ({
      by,
      key: name,
      metric,
      ...summarize(errorsOf(of)),
    })),
  );
}

/** Bands of total parameters. */
function sizeBand({ parameters }: Features): string {
  const limits = [3e9, 30e9, 100e9, 300e9];
  const names = ["below 3B", "3B to 30B", "30B to 100B", "100B to 300B", "300B and more"];
  return names[limits.filter((limit) => parameters >= limit).length] ?? "";
}

/** Groups in the order of first appearance. */
function gather<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = key(item);
    const list = groups.get(name);
    if (list === undefined) groups.set(name, [item]);
    else list.push(item);
  }
  return groups;
}
