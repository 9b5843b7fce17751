/**
 * Validation: predictions against measured runs, in the form that other tools read (DESIGN 2.3). Records whose layout or
 * batch we chose are summarised apart, under the kind with the suffix `-inferred`, and stand in no other group.
 */

import type { Files } from "../scenario/index.ts";
import { type Decision, decisionsOf } from "./decisions.ts";
import type { EvidenceRecord } from "./record.ts";
import { type Features, type Line, type Replayed, replay } from "./replay.ts";
import { type ErrorSummary, summarize } from "./statistics.ts";

export interface Group extends ErrorSummary {
  readonly by: "source" | "accelerator" | "software" | "architecture" | "sizeBand" | "use";
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
}

function primaries(replayed: readonly Replayed[]): readonly Entry[] {
  return replayed.flatMap((from) => from.lines.filter(({ primary }) => primary).map((line) => ({ from, line })));
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

const keys: readonly { readonly by: Group["by"]; readonly key: (from: Replayed) => string }[] = [
  { by: "source", key: ({ record }) => record.source.title },
  { by: "accelerator", key: ({ features }) => features?.accelerator ?? unresolved },
  { by: "software", key: ({ features }) => features?.software ?? unresolved },
  { by: "architecture", key: ({ features }) => features?.architecture ?? unresolved },
  { by: "sizeBand", key: ({ features }) => (features === undefined ? unresolved : sizeBand(features)) },
  { by: "use", key: ({ record }) => record.use },
];

function groupsOf(replayed: readonly Replayed[]): readonly Group[] {
  const entries = primaries(replayed);
  const stated = entries.filter(({ from }) => from.stated);
  const inferred = entries.filter(({ from }) => !from.stated);
  const groups = keys.flatMap(({ by, key }) => groupsBy(by, stated, ({ from }) => key(from)));
  const apart = groupsBy("source", inferred, ({ from }) => `${from.record.source.title} (inferred)`);
  return [...groups, ...apart, ...groupsBy("use", inferred, () => "inferred")];
}

function groupsBy(by: Group["by"], entries: readonly Entry[], key: (entry: Entry) => string): readonly Group[] {
  return [...gather(entries, key)].flatMap(([name, list]) =>
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
