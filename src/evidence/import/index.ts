/** Import of raw evidence: JSON arrays of rows, or the CSV of measured serving. Adding a kind: one file, one line here. */

import type { EvidenceRecord } from "../record.ts";
import { collective } from "./collective.ts";
import type { Converter, Skipped } from "./converter.ts";
import { goodput } from "./goodput.ts";
import { laterKinds } from "./later.ts";
import { network } from "./network.ts";
import { readRow } from "./raw.ts";
import { servingLatency, servingThroughput } from "./serving-runs.ts";
import { csvRows } from "./serving-table.ts";
import { trainingMemory } from "./training-memory.ts";
import { trainingStep } from "./training-step.ts";

export type { Converter, Skipped } from "./converter.ts";

export const converters: readonly Converter[] = Object.freeze([
  trainingStep,
  trainingMemory,
  collective,
  network,
  goodput,
  servingLatency,
  servingThroughput,
  ...laterKinds,
]);

export interface Imported {
  readonly records: readonly EvidenceRecord[];
  /** Every row that did not become a record, with the reason. */
  readonly skipped: readonly Skipped[];
}

/**
 * Turns the text of a raw file into records. No row is lost: each is in `records` or in `skipped`.
 * @throws Error where the text is neither a JSON array nor a CSV table.
 */
export function importEvidence(text: string): Imported {
  const first = text.trimStart()[0];
  const rows: unknown = first === "[" || first === "{" ? JSON.parse(text) : csvRows(text);
  if (!Array.isArray(rows)) throw new Error("a raw evidence file is a JSON array of rows, or a CSV table");
  return importRows(rows);
}

/** Converts rows one by one. */
export function importRows(rows: readonly unknown[]): Imported {
  const records: EvidenceRecord[] = [];
  const skipped: Skipped[] = [];
  const seen = new Set<string>();
  rows.forEach((value, index) => {
    const row = readRow(value, index);
    if ("reason" in row) {
      skipped.push(row);
      return;
    }
    const converted = convert(row);
    if ("skip" in converted) skipped.push({ id: row.id, reason: converted.skip });
    else if (seen.has(row.id)) skipped.push({ id: row.id, reason: "a second row of the same id" });
    else records.push(converted);
    seen.add(row.id);
  });
  return { records, skipped };
}

function convert(row: Exclude<ReturnType<typeof readRow>, { reason: string }>) {
  const converter = converters.find((entry) => entry.kind === row.kind);
  return converter === undefined ? { skip: `kind ${row.kind} is unknown` } : converter.convert(row);
}
