/**
 * Evidence of collectives: `npx tsx tools/evidence-network.ts` prints every promised figure beside its limit and the
 * error of every record; with `--write` it first imports the raw rows again (../shared or WINDTUNNEL_SHARED) and commits
 * the records, the rows left out and the error of every point to evidence/network*.json.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type Call,
  type EvidenceRecord,
  importEvidence,
  type Line,
  parseRecords,
  type Replayed,
  replay,
  summarize,
} from "../src/evidence/index.ts";
import { sharedFile } from "../test/shared.ts";
import { caseTable, type Figure } from "./evidence-figures.ts";
import { evidenceFolder, recordsText } from "./evidence-files.ts";

const file = (name: string): string => join(evidenceFolder, name);

export function readNetworkEvidence(): readonly EvidenceRecord[] {
  return parseRecords(readFileSync(file("network.json"), "utf8"), "network.json");
}

interface Entry {
  readonly record: EvidenceRecord;
  readonly stated: boolean;
  readonly line: Line;
  readonly call: Call;
}

/** Points of sound records whose machine is stated. */
function entriesOf(replayed: readonly Replayed[]): readonly Entry[] {
  return replayed.flatMap(({ record, stated, lines, calls }) =>
    lines.flatMap((line, index) => {
      const call = calls[index];
      return call === undefined || record.anomaly !== undefined ? [] : [{ record, stated, line, call }];
    }),
  );
}

const mebibyte = 2 ** 20;
const gathers: readonly string[] = ["all-gather", "reduce-scatter", "all-to-all"];

/** The figures of the issue, and those beside them that say how they came about. */
export function networkFigures(replayed: readonly Replayed[]): readonly Figure[] {
  const entries = entriesOf(replayed);
  const stated = entries.filter((entry) => entry.stated && entry.record.workload.library === undefined);
  const inOne = stated.filter(({ call }) => call.reach === "one domain");
  const reduced = (entry: Entry): boolean => entry.call.operation === "all-reduce";
  const own = inOne.filter(reduced);
  const apart = (name: string, of: readonly Entry[], limit: number): readonly Figure[] => [
    figure(name, of, limit),
    figure(
      "  judged, no table of that machine fitted",
      of.filter(({ record }) => record.use === "judge" && record.calibration === undefined),
    ),
    figure(
      "  judged, other sizes of its table fitted",
      of.filter(({ record }) => record.use === "judge" && record.calibration !== undefined),
    ),
    figure(
      "  a constant was read from it",
      of.filter(({ record }) => record.use === "fit"),
    ),
  ];
  const chosen = entries.filter(
    (entry) => !entry.stated && entry.record.use === "judge" && entry.call.reach === "several domains",
  );
  const across = stated.filter(({ call }) => call.reach === "several domains");
  return [
    ...apart("all-reduce on one node, 16 MiB and more", own.filter(atLeast(16)), 0.08),
    ...apart(
      "all-reduce on one node, below 16 MiB",
      own.filter((entry) => !atLeast(16)(entry)),
      0.15,
    ),
    ...apart("all-reduce over nodes, 64 MiB and more", across.filter(reduced).filter(atLeast(64)), 0.12),
    figure("  judged, ports chosen by us", chosen.filter(reduced).filter(atLeast(64))),
    ...gathers.map((operation) =>
      figure(
        `${operation} on one node`,
        inOne.filter(({ call }) => call.operation === operation),
        0.15,
      ),
    ),
    figure(
      "kernels of engines, all-reduce",
      entries.filter(({ record }) => record.workload.library !== undefined),
    ),
    figure(
      "exchanges of experts",
      entries.filter(({ record }) => record.workload.exchange !== undefined),
    ),
    figure(
      "machines chosen by us, all operations",
      entries.filter((entry) => !entry.stated),
    ),
    anomalyFigure(replayed),
  ];
}

const atLeast =
  (mebibytes: number) =>
  ({ call }: Entry): boolean =>
    call.size >= mebibytes * mebibyte;

function figure(name: string, entries: readonly Entry[], limit?: number): Figure {
  const { count, failed, medianAbsError, p90AbsError, bias } = summarize(entries.map(({ line }) => timeError(line)));
  if (medianAbsError === null) return { name, value: `${count} points`, ...(limit === undefined ? {} : { ok: false }) };
  const value = `median ${percent(medianAbsError)}, p90 ${percent(p90AbsError)}, bias ${percent(bias)} (${count} points${failed > 0 ? `, ${failed} failed` : ""})`;
  if (limit === undefined) return { name, value };
  return { name, value, limit: `<= ${percent(limit)}`, ok: medianAbsError <= limit && failed === 0 };
}

/** Of the time, whichever was measured: a bandwidth that is too high is a time that is too short. */
function timeError({ metric, error }: Line): number | null {
  return error === null || metric === "time" ? error : 1 / (1 + error) - 1;
}

function anomalyFigure(replayed: readonly Replayed[]): Figure {
  const found = replayed.filter(({ record }) => record.anomaly !== undefined);
  const worst = found.map(({ record, lines }) => `${record.id} ${percent(Math.max(...lines.map(size)))}`).join(", ");
  return { name: "reports of shortfalls, explained and averaged nowhere", value: worst };
}

const size = (line: Line): number => Math.abs(timeError(line) ?? Number.POSITIVE_INFINITY);

function percent(value: number | null): string {
  return value === null ? "-" : `${(100 * value).toFixed(1)} %`;
}

/** Errors of the time by platform, operation, reach and size band: the table of docs/models/network.md. */
export function networkTable(replayed: readonly Replayed[]): readonly string[] {
  const groups = new Map<string, (number | null)[]>();
  for (const { record, stated, line, call } of entriesOf(replayed)) {
    const kind = record.workload.library === undefined ? "" : ` ${String(record.workload.library)}`;
    const band = call.size < mebibyte ? 0 : call.size < 16 * mebibyte ? 1 : 2;
    const label = ["below 1 MiB", "1 to 16 MiB", "16 MiB up"][band] ?? "";
    const key = `${call.accelerator} ${call.operation}${kind} ${call.reach}${stated ? "" : " (machine chosen)"} | ${label}`;
    groups.set(key, [...(groups.get(key) ?? []), timeError(line)]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, errors]) => {
      const { count, medianAbsError, p90AbsError, bias } = summarize(errors);
      return `${key}: median ${percent(medianAbsError)}, p90 ${percent(p90AbsError)}, bias ${percent(bias)}, ${count}`;
    });
}

/** Error of every point, four decimals: the ratchet of evidence/network.accuracy.json. */
export function networkAccuracy(replayed: readonly Replayed[]): Readonly<Record<string, readonly (number | string)[]>> {
  const shown = ({ error, reason }: Line): number | string =>
    error === null ? (reason ?? "no prediction") : Number(error.toFixed(4));
  return Object.fromEntries(replayed.map(({ record, lines }) => [record.id, lines.map(shown)]));
}

export function accuracyText(accuracy: ReturnType<typeof networkAccuracy>): string {
  const lines = Object.entries(accuracy).map(([id, errors]) => ` ${JSON.stringify(id)}: ${JSON.stringify(errors)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

function write(): void {
  const { records, skipped } = importEvidence(readFileSync(sharedFile("evidence/network.json"), "utf8"));
  writeFileSync(file("network.json"), recordsText(records));
  writeFileSync(file("network.skipped.json"), `${JSON.stringify(skipped, null, 1)}\n`);
  writeFileSync(file("network.accuracy.json"), accuracyText(networkAccuracy(records.map((record) => replay(record)))));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.includes("--write")) write();
  const replayed = readNetworkEvidence().map((record) => replay(record));
  const lines = process.argv.includes("points")
    ? replayed
        .flatMap(({ lines: own }) => own)
        .map((line) => `${line.id} ${JSON.stringify(line.at)} ${line.reason ?? percent(timeError(line))}`)
    : networkTable(replayed);
  process.stdout.write([...lines, "", ...caseTable(networkFigures(replayed)), ""].join("\n"));
}
