/**
 * nvbandwidth's matrices, as it prints them or as `-j` writes them: rates in 10^9 bytes a second of copies between hosts
 * and accelerators (one row) and between accelerators (a row each, `N/A` where there is no such pair).
 *
 *     Running device_to_device_memcpy_read_ce.
 *     memcpy CE GPU(row) -> GPU(column) bandwidth (GB/s)
 *               0         1
 *      0       N/A    396.12
 *      1    395.88       N/A
 *
 * Of pairs the slowest peer of each accelerator counts. Ignores: copies by kernels, both ways at once, several at once,
 * latencies, copies inside one accelerator.
 * @source nvbandwidth
 */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { isRecord, type MeasuredValue, objectIn, type Reading } from "./reading.ts";
import { gigabytesPerSecond } from "./unit.ts";

interface Case {
  readonly link: "host" | "peer";
  readonly metric: string;
}

const cases: Readonly<Record<string, Case>> = {
  host_to_device_memcpy_ce: { link: "host", metric: "hostToDeviceBandwidth" },
  device_to_host_memcpy_ce: { link: "host", metric: "deviceToHostBandwidth" },
  device_to_device_memcpy_read_ce: { link: "peer", metric: "peerReadBandwidth" },
  device_to_device_memcpy_write_ce: { link: "peer", metric: "peerWriteBandwidth" },
};

interface Result {
  readonly name: string;
  /** Numbers and `N/A`, without the numbers of rows. */
  readonly matrix: readonly (readonly string[])[];
  /** What went wrong. */
  readonly error?: string;
}

/** A reading a kind of link; undefined where the text is none of nvbandwidth's. @throws ProblemError where nothing is judged. */
export function readNvbandwidth(text: string, file: string): readonly Reading[] | undefined {
  const results = jsonResults(text) ?? textResults(text);
  if (results === undefined) return undefined;
  const others = results.filter(({ name }) => cases[name] === undefined).length;
  const notes = others === 0 ? [] : [`${others} other test cases of nvbandwidth are not judged`];
  const readings = (["host", "peer"] as const).flatMap((link): Reading[] => {
    const values = results.flatMap((result) => {
      const known = cases[result.name];
      return known?.link === link ? valuesOf(result, known) : [];
    });
    return values.length === 0 ? [] : [{ kind: "link", file, about: { program: "nvbandwidth", link }, values, notes }];
  });
  if (readings.length > 0) return readings;
  const message = `${file}: nvbandwidth measured none of ${Object.keys(cases).join(", ")}`;
  const problem: Problem = { path: "files", message, hint: "run the command of the specification" };
  throw new ProblemError([problem]);
}

function valuesOf({ matrix, error }: Result, { link, metric }: Case): readonly MeasuredValue[] {
  if (error !== undefined) return [{ metric, value: 0, fault: error }];
  if (link === "host") {
    return matrix.flatMap((row) =>
      row.flatMap((word, device): MeasuredValue[] => {
        return isRate(word) ? [{ metric, value: gigabytesPerSecond(Number(word)), of: `accelerator ${device}` }] : [];
      }),
    );
  }
  return matrix.flatMap((row, device): MeasuredValue[] => {
    const rates = row.flatMap((word, peer) => (isRate(word) ? [{ peer, rate: Number(word) }] : []));
    const [first, ...more] = rates;
    if (first === undefined) return [];
    const { peer, rate } = more.reduce((least, each) => (each.rate < least.rate ? each : least), first);
    return [{ metric, value: gigabytesPerSecond(rate), of: `accelerator ${device}, slowest peer ${peer}` }];
  });
}

function isRate(word: string): boolean {
  return /^\d+(\.\d+)?(e[+-]?\d+)?$/.test(word);
}

function jsonResults(text: string): readonly Result[] | undefined {
  const found = objectIn(text)?.nvbandwidth;
  if (!isRecord(found)) return undefined;
  const results = Array.isArray(found.testcases) ? found.testcases.filter(isRecord) : [];
  return results.flatMap(({ name, status, error, bandwidth_matrix: matrix }): Result[] => {
    const rows = Array.isArray(matrix) ? matrix.filter(Array.isArray).map((row) => row.map(String)) : [];
    const failed =
      status === "Error" || error !== undefined ? { error: String(error ?? "it ended with an error") } : {};
    return [{ name: String(name), matrix: rows, ...failed }];
  });
}

/** Cases as they were printed one below the other. */
function textResults(text: string): readonly Result[] | undefined {
  const lines = text.split(/\r?\n/);
  const starts = lines.flatMap((line, index) => (/^\s*Running \w+\.\s*$/.test(line) ? [index] : []));
  if (starts.length === 0 || !/nvbandwidth|memcpy/.test(text)) return undefined;
  return starts.map((start, index): Result => {
    const name = /Running (\w+)\./.exec(lines[start] ?? "")?.[1] ?? "";
    const below = lines.slice(start + 1, starts[index + 1]);
    const failed = below.find((line) => /^\s*(ASSERT|Invalid value|ERROR|\[?CUDA error)/i.test(line));
    return { name, matrix: matrixIn(below), ...(failed === undefined ? {} : { error: failed.trim() }) };
  });
}

/** Rows of numbers below the row that numbers the columns. */
function matrixIn(lines: readonly string[]): readonly (readonly string[])[] {
  const words = lines.map((line) => line.trim().split(/\s+/));
  const head = words.findIndex((row, index) => row.every((word, place) => word === String(place)) && index > 0);
  if (head < 0) return [];
  const columns = words[head]?.length ?? 0;
  const end = words.findIndex((row, index) => index > head && row.length !== columns + 1);
  return words.slice(head + 1, end < 0 ? undefined : end).map((row) => row.slice(1));
}
