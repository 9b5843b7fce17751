/** Fits one-node curves of NCCL operations: all sizes but the judged ones, medians over runs and library versions. */
import type { MeasuredCurve, MeasuredPlatform } from "../../../src/catalog/calibration/network.ts";
import { type Fit, fitCurve, fitted, judgedExponents, type Point, threeConstants } from "./curve.ts";
import { mean, median, type Row, systemRows, vidurRows } from "./tables.ts";
import { targets } from "./targets.ts";

const operations = [
  ["all_reduce", "all-reduce"],
  ["all_gather", "all-gather"],
  ["reduce_scatter", "reduce-scatter"],
  ["alltoall", "all-to-all"],
] as const;

/** Tables name their sizes in elements of `half`; int8 rows are left out (in-switch reduction lacks the type). */
const halfBytes = 2;

export interface HeldOut {
  readonly platform: string;
  readonly operation: string;
  readonly ranks: number;
  readonly exponent: number;
  readonly measured: number;
  readonly curve: number;
  readonly threeConstants: number;
}

export async function ncclPlatforms(
  sharedRoot: string,
): Promise<{ platforms: MeasuredPlatform[]; heldOut: HeldOut[] }> {
  const platforms: MeasuredPlatform[] = [];
  const heldOut: HeldOut[] = [];
  for (const target of targets) {
    const rows: Row[] = [];
    const files: string[] = [];
    for (const system of target.systems) {
      const table = await systemRows(sharedRoot, system, "nccl", "nccl_perf");
      rows.push(...table.rows);
      files.push(...table.files);
    }
    const curves: MeasuredCurve[] = [];
    for (const [column, operation] of operations) {
      const own = rows.filter((row) => row.op_name === column && row.nccl_dtype === "half");
      const counts = [...new Set(own.map((row) => Number(row.num_gpus)))].sort((a, b) => a - b);
      for (const ranks of counts) {
        const points = pointsOf(own.filter((row) => row.num_gpus === ranks));
        curves.push(curveOf({ platform: target.name, operation, ranks, points }, heldOut));
      }
    }
    curves.push(...sendReceiveCurves(sharedRoot, target.name, heldOut));
    platforms.push({
      name: target.name,
      generation: target.generation,
      topology: target.topology,
      domain: target.domain,
      bandwidth: target.bandwidth,
      files,
      curves,
    });
  }
  return { platforms, heldOut };
}

/** Medians of repeated rows at each power of two. */
export function pointsOf(rows: readonly Row[]): Point[] {
  const times = new Map<number, number[]>();
  for (const row of rows) {
    const exponent = Math.round(Math.log2(Number(row.message_size) * halfBytes));
    const list = times.get(exponent) ?? [];
    list.push(Number(row.latency) * 1e-3);
    times.set(exponent, list);
  }
  return [...times]
    .map(([exponent, list]) => ({ exponent, seconds: median(list) }))
    .sort((a, b) => a.exponent - b.exponent);
}

export interface Series {
  readonly platform: string;
  readonly operation: MeasuredCurve["operation"];
  readonly ranks: number;
  readonly points: readonly Point[];
  /** Sizes that are never fitted; absent: those of the records of the collective library. */
  readonly judged?: readonly number[];
}

export function curveOf(series: Series, heldOut: HeldOut[]): MeasuredCurve {
  const sizes = series.judged ?? judgedExponents;
  const judged = (point: Point): boolean => sizes.includes(point.exponent);
  const training = series.points.filter((point) => !judged(point));
  const fit = fitCurve(training);
  const simple = threeConstants(training);
  const own: HeldOut[] = series.points.filter(judged).map((point) => ({
    platform: series.platform,
    operation: series.operation,
    ranks: series.ranks,
    exponent: point.exponent,
    measured: point.seconds,
    curve: fitted(fit, point.exponent),
    threeConstants: simple(point.exponent),
  }));
  heldOut.push(...own);
  return {
    operation: series.operation,
    ranks: series.ranks,
    first: fit.first,
    seconds: fit.seconds.map(round),
    slope: round(fit.slope),
    error: {
      fitted: percent(mean(training.map((point) => Math.abs(fitted(fit, point.exponent) / point.seconds - 1)))),
      heldOut: percent(mean(own.map(relative))),
      heldOutLarge: percent(median(own.filter((row) => row.exponent >= 24).map(relative))),
    },
  };
}

/**
 * Point to point inside one node, from Vidur: medians of the rows within an eighth of an octave of each power of two,
 * 2 KiB to 64 MiB, the judged rows left out. Below 64 KiB single rows scatter by tens of microseconds.
 */
function sendReceiveCurves(sharedRoot: string, platform: string, heldOut: HeldOut[]): MeasuredCurve[] {
  const machine = platform === "a100" ? "a100_dgx" : platform === "h100-h200" ? "h100_dgx" : undefined;
  if (machine === undefined) return [];
  const judgedSizes = new Set([2048, 67584, 2 ** 20, 2 ** 23, 2 ** 25, 2 ** 26]);
  const rows = vidurRows(sharedRoot, machine, "send_recv").filter(
    (row) => Number(row.devices_per_node) === 2 && Number(row.num_workers) === 2,
  );
  const timed = rows.map((row) => ({
    size: Number(row.size),
    seconds: Number(row["time_stats.send_recv.median"]) * 1e-3,
  }));
  const points: Point[] = [];
  for (let exponent = 11; exponent <= 26; exponent++) {
    const near = timed.filter(
      (row) => !judgedSizes.has(row.size) && row.size > 0 && Math.abs(Math.log2(row.size) - exponent) <= 1 / 8,
    );
    if (near.length < 1) continue;
    points.push({ exponent, seconds: median(near.map((row) => row.seconds * (2 ** exponent / row.size) ** 0.5)) });
  }
  const fit: Fit = fitCurve(points);
  const own = timed
    .filter((row) => judgedSizes.has(row.size))
    .map((row) => ({
      platform,
      operation: "send-receive",
      ranks: 2,
      exponent: Math.log2(row.size),
      measured: row.seconds,
      curve: fitted(fit, Math.round(Math.log2(row.size))),
      threeConstants: Number.NaN,
    }));
  heldOut.push(...own.map((row) => ({ ...row, threeConstants: row.curve })));
  return [
    {
      operation: "send-receive",
      ranks: 2,
      first: fit.first,
      seconds: fit.seconds.map(round),
      slope: round(fit.slope),
      error: {
        fitted: percent(mean(points.map((point) => Math.abs(fitted(fit, point.exponent) / point.seconds - 1)))),
        heldOut: percent(mean(own.map(relative))),
        heldOutLarge: percent(median(own.filter((row) => row.exponent >= 24).map(relative))),
      },
    },
  ];
}

const relative = (row: HeldOut): number => Math.abs(row.curve / row.measured - 1);
const round = (value: number): number => Number(value.toPrecision(4));
const percent = (value: number): number => Number((value * 100).toFixed(1));
