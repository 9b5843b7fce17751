/** `validate`: predictions against measured runs. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { type EvidenceRecord, parseRecords, reportOf, type ValidateReport } from "../evidence/index.ts";
import type { Host } from "./host.ts";
import { field, type Operation } from "./operation.ts";
import { replays } from "./replays.ts";

export interface ValidateInput {
  readonly files?: readonly string[];
}

export interface ValidateOutput extends ValidateReport {
  /** Where the user stopped it: records that the report is without. */
  readonly left?: number;
}

export const validateOperation: Operation<ValidateInput, ValidateOutput> = {
  name: "validate",
  summary: "Hold predictions against measured runs: error by record, source and hardware.",
  input: z.strictObject({
    files: field(z.array(z.string().min(1)).exactOptional(), {
      description: "files of evidence records; those that ship with the package without it",
      as: "arguments",
    }),
  }),
  examples: [
    { command: "windtunnel validate", does: "all records that ship with the package" },
    { command: "windtunnel validate runs.json --json", does: "your own, for programs" },
  ],
  stopped: ({ left }) => left !== undefined,
  async run({ files }, host) {
    const chosen = files === undefined || files.length === 0 ? await shippedRecords(host) : files;
    const records: EvidenceRecord[] = [];
    for (const file of chosen) records.push(...parseRecords(await host.read(file), file));
    const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
    host.progress(`${counted(records.length, "record")} of ${counted(chosen.length, "file")}`);
    const replayed = await replays(records, await namedFiles(records, chosen, host), host);
    const left = records.length - replayed.length;
    return { ...reportOf(replayed), ...(left === 0 ? {} : { left }) };
  },
};

/** Record files of the package; `accuracy.json` and its like hold errors, not records. */
async function shippedRecords(host: Host): Promise<readonly string[]> {
  const files = await host.list(host.shipped("evidence"));
  const records = files.filter(
    (file) => file.endsWith(".json") && !/(^|[\\/])(accuracy|.*\.(skipped|accuracy))\.json$/.test(file),
  );
  if (records.length > 0) return records;
  const hint = "name files of records, made by npm run import-evidence";
  throw new ProblemError([{ path: "files", message: "no evidence records ship with this package", hint }]);
}

/** Texts of the files that records name: configs of models, traces of requests. */
async function namedFiles(
  records: readonly EvidenceRecord[],
  files: readonly string[],
  host: Host,
): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { workload } of records) {
    const requests = workload.requests as { readonly trace?: unknown } | undefined;
    for (const name of [workload.model, requests?.trace]) {
      if (typeof name !== "string" || !/\.(json|jsonl|ya?ml|csv)$/.test(name) || texts[name] !== undefined) continue;
      // A record whose file is missing is reported as failed, like any other that cannot be predicted.
      const text = await host.read(name, files[0]).catch((error: unknown) => {
        if (error instanceof ProblemError) return undefined;
        throw error;
      });
      if (text !== undefined) texts[name] = text;
    }
  }
  return texts;
}
