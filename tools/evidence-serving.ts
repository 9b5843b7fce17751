/**
 * Evidence of serving: `npx tsx tools/evidence-serving.ts` replays the records and prints every promised figure beside its
 * limit; with `--write` it first imports the raw rows again (../shared or WINDTUNNEL_SHARED) and commits the records, the
 * rows left out, the recorded traces and the error of every value to evidence/serving*.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { nodeHost } from "../apps/host/node/host.ts";
import {
  accuracyTableOf,
  type EvidenceRecord,
  importEvidence,
  type Line,
  parseRecords,
  type Replayed,
  ratiosOf,
  type Skipped,
} from "../src/evidence/index.ts";
import { replays } from "../src/operations/replays.ts";
import { sharedFile } from "../test/shared.ts";
import { generatedAccuracy } from "./accuracy-text.ts";
import { caseTable } from "./evidence-figures.ts";
import { evidenceFolder, recordsText, repository } from "./evidence-files.ts";
import { writeRatios } from "./ratios-file.ts";
import { servingFigures, worstSets } from "./serving-figures.ts";

const file = (name: string): string => join(evidenceFolder, name);

/** Raw files, in the order in which they are imported. */
const rawFiles = [
  "evidence/serving.json",
  "evidence/serving-measured.json",
  "data/serving-measured/silicon_sample_public.csv",
];

/** File of a record, by the beginning of its id; what is none of them is of the silicon sample. */
const files: readonly (readonly [id: RegExp, file: string])[] = [
  [/^blis-/, "serving-blis"],
  [/^mlperf-/, "serving-mlperf-inference-5.1"],
  [/^inferencex-/, "serving-inferencex"],
  [/^(trtllm-perf|llmd-|fleet-sim|llmservingsim)/, "serving-published"],
];

const siliconFile = "serving-silicon-sample";

interface ServingImport {
  readonly records: readonly EvidenceRecord[];
  readonly skipped: readonly Skipped[];
}

/** All raw rows of serving, freshly imported. */
export function importServing(): ServingImport {
  const parts = rawFiles.map((name) => importEvidence(readFileSync(sharedFile(name), "utf8")));
  return { records: parts.flatMap(({ records }) => records), skipped: parts.flatMap(({ skipped }) => skipped) };
}

/** Committed records by file. */
export function servingTexts(records: readonly EvidenceRecord[]): ReadonlyMap<string, string> {
  const byFile = new Map<string, EvidenceRecord[]>();
  for (const record of records) {
    const name = files.find(([id]) => id.test(record.id))?.[1] ?? siliconFile;
    byFile.set(name, [...(byFile.get(name) ?? []), record]);
  }
  return new Map([...byFile].map(([name, list]) => [`${name}.json`, recordsText(list)]));
}

export function readServingEvidence(): readonly EvidenceRecord[] {
  const names = readdirSync(evidenceFolder).filter((name) => /^serving-[^.]*(\.\d+)?\.json$/.test(name));
  return names.sort().flatMap((name) => parseRecords(readFileSync(file(name), "utf8"), name));
}

/** Texts of the traces that records name. */
export function servingTraces(): Readonly<Record<string, string>> {
  const names = readdirSync(file("traces"));
  return Object.fromEntries(names.map((name) => [`traces/${name}`, readFileSync(file(`traces/${name}`), "utf8")]));
}

/** On all cores. */
export function replayServing(records: readonly EvidenceRecord[]): Promise<readonly Replayed[]> {
  const nothing = (): Promise<never> => Promise.reject(new Error("no standard input"));
  const message = (text: string): void => void process.stderr.write(`${text}\n`);
  return replays(records, servingTraces(), nodeHost({ folder: evidenceFolder, readStandardInput: nothing, message }));
}

/** Error of every primary value, three decimals: the ratchet of evidence/serving.accuracy.json. */
export function servingAccuracy(replayed: readonly Replayed[]): Readonly<Record<string, Errors>> {
  return Object.fromEntries(replayed.map(({ record, lines }) => [record.id, errorsOf(lines)]));
}

type Errors = Readonly<Record<string, number | string>>;

function errorsOf(lines: readonly Line[]): Errors {
  const primary = lines.filter((line) => line.primary);
  const place = ({ metric, at }: Line): string => (at === undefined ? metric : `${metric} ${JSON.stringify(at)}`);
  return Object.fromEntries(
    primary.map((line) => [place(line), line.error === null ? (line.reason ?? "no prediction") : rounded(line.error)]),
  );
}

function rounded(error: number): number {
  // Minus zero is written as zero.
  return Number(error.toFixed(3)) + 0;
}

function accuracyText(accuracy: ReturnType<typeof servingAccuracy>): string {
  const lines = Object.entries(accuracy).map(([id, errors]) => ` ${JSON.stringify(id)}: ${JSON.stringify(errors)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

/** Recorded runs: arrival, prompt and answer of every request, as traces beside the records. */
function writeTraces(): void {
  mkdirSync(file("traces"), { recursive: true });
  for (const [id, folder] of recorded) {
    const text = readFileSync(sharedFile(`data/serving-runs/rtxpro6000/${folder}/vllm/requests.jsonl`), "utf8");
    writeFileSync(file(`traces/${id}.jsonl`), traceText(text));
  }
}

const recorded = [
  ["llmservingsim-bench-rtxpro6000-llama-3.1-8b", "Llama-3.1-8B"],
  ["llmservingsim-bench-rtxpro6000-qwen3-32b", "Qwen3-32B"],
] as const;

interface RecordedRequest {
  readonly queued_ts: number;
  readonly input_toks: number;
  readonly output_toks: number;
}

function traceText(text: string): string {
  const rows = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedRequest)
    .sort((a, b) => a.queued_ts - b.queued_ts);
  const start = rows[0]?.queued_ts ?? 0;
  const lines = rows.map(({ queued_ts, input_toks, output_toks }) => {
    return JSON.stringify({ arrival: Number((queued_ts - start).toFixed(6)), input: input_toks, output: output_toks });
  });
  return `${lines.join("\n")}\n`;
}

function writeRecords(): void {
  const { records, skipped } = importServing();
  writeTraces();
  for (const [name, text] of servingTexts(records)) writeFileSync(file(name), text);
  writeFileSync(file("serving.skipped.json"), `${JSON.stringify(skipped, null, 1)}\n`);
}

function writeErrors(replayed: readonly Replayed[]): void {
  writeFileSync(file("serving.accuracy.json"), accuracyText(servingAccuracy(replayed)));
  writeRatios("serving", ratiosOf(replayed));
  const table = generatedAccuracy("servingAccuracyTable", "tools/evidence-serving.ts", accuracyTableOf(replayed));
  writeFileSync(join(repository, "src/catalog/accuracy/serving.generated.ts"), table);
}

async function main(): Promise<void> {
  const write = process.argv.includes("--write");
  if (write) writeRecords();
  const started = process.cpuUsage();
  const replayed = await replayServing(readServingEvidence());
  const { user, system } = process.cpuUsage(started);
  const seconds = ((user + system) / 1e6).toFixed(0);
  if (write) writeErrors(replayed);
  const text = [`replayed ${replayed.length} records in ${seconds} s of CPU`, ...worstSets(replayed), ""];
  process.stdout.write([...text, ...caseTable(servingFigures(replayed)), ""].join("\n"));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
