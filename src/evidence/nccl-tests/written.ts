/**
 * Results that the programs write for other programs, as the tables that they print: nccl-tests with `-J FILE` (one object
 * with `config`, `devices` and `results`), rccl-tests with `-Z json` (a list of records) or `-Z csv` (a header and rows).
 * Times are in microseconds, bandwidths in 10^9 bytes a second, as printed.
 *
 * Ignores: times of single iterations, clocks, numbers of cycles (a size measured several times counts with its median).
 * @source nccl-tests-json
 * @source rccl-tests-records
 */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { emptyContext, type RankLine, settingOf } from "./context.ts";
import { testProgram } from "./operation.ts";
import { type Columns, elementBytes, type NcclRow, rowOf } from "./row.ts";
import type { NcclTable } from "./table.ts";

type Loose = Readonly<Record<string, unknown>>;

/** Whether a text is such a result, sound or not. */
export function isNcclResult(text: string): boolean {
  const start = text.trimStart();
  if (/^[{[]/.test(start)) return /"nccl_version"\s*:|"gpusPerRank"\s*:/.test(start);
  return csvRecords(start) !== undefined;
}

/** The table of a file that is such a result; undefined for any other text. @throws ProblemError where it is cut off. */
export function writtenTable(text: string, file: string): NcclTable | undefined {
  if (!isNcclResult(text)) return undefined;
  const start = text.trimStart();
  if (/^[{[]/.test(start)) {
    const value = parsed(start, file);
    return Array.isArray(value) ? ofRecords(value.filter(isLoose)) : isLoose(value) ? ofReport(value) : undefined;
  }
  const rows = csvRecords(start);
  return rows === undefined ? undefined : ofRecords(rows);
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const hint = "the run did not end; give what it printed instead";
    const problem: Problem = { path: "", message: `the JSON of "${file}" is cut off: ${error.message}`, hint };
    throw new ProblemError([problem]);
  }
}

/** What `-J` writes. A process without MPI lists its first rank alone; each has threads x devices of them. */
function ofReport(report: Loose): NcclTable {
  const config = isLoose(report.config) ? report.config : {};
  const args = listOf(report.args).map(String);
  const context = emptyContext();
  context.programName = /(\w+?_perf)(?:_mpi)?$/.exec(args[0] ?? "")?.[1];
  context.program = context.programName === undefined ? undefined : testProgram(context.programName);
  context.ranks = ranksOf(config);
  const { nccl_version: version } = report;
  if (typeof version === "number") context.library = `NCCL ${versionText(version)}`;
  for (const each of listOf(report.env)) {
    const found = settingOf(String(each));
    if (found !== undefined) context.settings[found[0]] = found[1];
  }
  const results = listOf(report.results).filter(isLoose);
  const late = results.some(({ out_of_place: out, in_place: own }) => "cpu_time" in { ...loose(out), ...loose(own) });
  const words = results.map((result) => {
    const { size, count, type, redop, root, out_of_place: out, in_place: own } = result;
    return [size, count, type, redop, String(root).trim(), ...timingWords(out ?? own), ...timingWords(own)].map(String);
  });
  return tableOf(words, { ...context, columns: { ...columns, clock: late ? "processor" : "device" } });
}

function timingWords(timing: unknown): readonly unknown[] {
  const { time, cpu_time: clock, alg_bw: algorithm, bus_bw: bus, nwrong } = loose(timing);
  return [time ?? clock, algorithm, bus, nwrong ?? "N/A"];
}

function ranksOf(config: Loose): RankLine[] {
  const each = Number(config.nthreads ?? 1) * Number(config.ngpus ?? 1);
  return listOf(config.devices)
    .filter(isLoose)
    .flatMap(({ rank, group, hostname, device_info: device }) =>
      Array.from({ length: each > 0 ? each : 1 }, (_, index) => ({
        rank: Number(rank) + index,
        group: Number(group ?? 0),
        host: String(hostname ?? ""),
        device: String(device ?? ""),
      })),
    );
}

/** 22105 as 2.21.5. */
function versionText(code: number): string {
  return [Math.floor(code / 10_000), Math.floor(code / 100) % 100, code % 100].join(".");
}

/** A record a size and place; those out of place count, with what came out wrong in place. */
function ofRecords(records: readonly Loose[]): NcclTable {
  const named = records.map((record) => lowered(record));
  const [first = {}] = named;
  const context = emptyContext();
  context.programName = String(first.name ?? first.collective ?? "");
  context.program = testProgram(context.programName);
  const ranks = Number(first.ranks);
  if (ranks > 0) context.rankCount = ranks;
  if (Number(first.nodes) > 0) context.nodeCount = Number(first.nodes);
  const within = (record: Loose): boolean => String(record.inplace) === "1" || record.inplace === true;
  const out = named.some((record) => !within(record)) ? named.filter((record) => !within(record)) : named;
  const words = out.map((record) => {
    const { size, type, redop } = record;
    const own = named.find((other) => within(other) && other.size === size && other.numcycle === record.numcycle);
    const parts = context.program?.sharded === true && ranks > 0 ? ranks : 1;
    const count = Math.round(Number(size) / ((elementBytes(String(type)) ?? 1) * parts));
    return [size, count, type, redop, -1, ...recordWords(record), ...recordWords(own ?? record)].map(String);
  });
  return tableOf(words, { ...context, columns });
}

function recordWords({ time, algbw, busbw, wrong }: Loose): readonly unknown[] {
  return [time, algbw, busbw, wrong ?? "N/A"];
}

/** Names as they are spelled in one version or another: `inPlace`, `inplace`, `#wrong`. */
function lowered(record: Loose): Loose {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key.replace(/^#/, "").toLowerCase(), value]));
}

function csvRecords(text: string): readonly Loose[] | undefined {
  const [head = "", ...lines] = text.split(/\r?\n/);
  const names = head.split(",").map((name) => name.trim());
  const low = names.map((name) => name.toLowerCase());
  if (!["numcycle", "ranks", "size", "time", "algbw"].every((name) => low.includes(name))) return undefined;
  return lines
    .filter((line) => line.split(",").length === names.length)
    .map((line) => Object.fromEntries(line.split(",").map((word, index) => [names[index] ?? "", word.trim()])));
}

const columns: Columns = { root: true, wrong: true, block: 4, blocks: 2, clock: "device" };

function tableOf(
  words: readonly (readonly string[])[],
  context: Omit<NcclTable, "rows" | "line" | "damaged">,
): NcclTable {
  const rows = words.map((each) => rowOf(each, 1, context.columns));
  return {
    ...context,
    rows: rows.filter((row): row is NcclRow => typeof row === "object"),
    line: 1,
    damaged: rows.flatMap((row) => (typeof row === "object" ? [] : [1])),
  };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isLoose(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function loose(value: unknown): Loose {
  return isLoose(value) ? value : {};
}
