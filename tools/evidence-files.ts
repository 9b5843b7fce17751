/** The committed evidence folder: one file a source, one record a line, so that a change shows as a line. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EvidenceRecord } from "../src/evidence/index.ts";
import { parseRecords } from "../src/evidence/index.ts";

export const repository: string = join(dirname(fileURLToPath(import.meta.url)), "..");
export const evidenceFolder: string = join(repository, "evidence");
export const accuracyPath: string = join(evidenceFolder, "accuracy.json");

/** File of a record, by the beginning of its id. */
const files: readonly { readonly prefix: string; readonly file: string }[] = [
  { prefix: "mbridge-", file: "megatron-bridge" },
  { prefix: "mpt-", file: "mosaic-mpt" },
  { prefix: "vtrain-", file: "vtrain" },
  { prefix: "korthikanti-", file: "korthikanti-2022" },
  { prefix: "megatron-readme-", file: "megatron-lm" },
  { prefix: "megatron-examples-", file: "megatron-lm" },
  { prefix: "mt-nlg-", file: "mt-nlg" },
  { prefix: "mlperf-", file: "mlperf-training-4.0" },
  { prefix: "maxtext-", file: "maxtext" },
  { prefix: "tpu-recipes-", file: "tpu-recipes" },
  { prefix: "ironwood-", file: "tpu-recipes" },
  { prefix: "llama3-", file: "llama3" },
  { prefix: "deepseek-", file: "deepseek-v3" },
  { prefix: "nemotron4-", file: "nemotron4" },
  { prefix: "palm-", file: "palm" },
  { prefix: "amd-", file: "amd-primus" },
];

export function fileOf(id: string): string {
  return files.find(({ prefix }) => id.startsWith(prefix))?.file ?? "other";
}

/** Errors, rows left out, and records of collectives and of serving, which have tools of their own. */
const others = /^(accuracy|network|serving-.*|.*\.(skipped|accuracy))\.json$/;

/** All committed records of training, in the order of files and lines. */
export function readEvidence(): readonly EvidenceRecord[] {
  const names = readdirSync(evidenceFolder).filter((name) => name.endsWith(".json") && !others.test(name));
  return names.sort().flatMap((name) => parseRecords(readFileSync(join(evidenceFolder, name), "utf8"), name));
}

/** Text of one file: a JSON array with one record a line. */
export function recordsText(records: readonly EvidenceRecord[]): string {
  return `[\n${records.map((record) => JSON.stringify(record)).join(",\n")}\n]\n`;
}

/** Writes records to their files; returns the names. */
export function writeEvidence(records: readonly EvidenceRecord[]): readonly string[] {
  const byFile = new Map<string, EvidenceRecord[]>();
  for (const record of records) {
    const name = fileOf(record.id);
    byFile.set(name, [...(byFile.get(name) ?? []), record]);
  }
  for (const [name, list] of byFile) writeFileSync(join(evidenceFolder, `${name}.json`), recordsText(list));
  return [...byFile.keys()];
}
