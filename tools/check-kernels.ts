/**
 * Judges the committed coefficients of kernels and of one-node all-reduces on shapes that they were not fitted on,
 * beside the limits that the data supports; exit 1 where a limit is missed or the shared data is absent. Also prints
 * the signed error of large products by size, because that is what a training step is made of.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { kernelCalibration } from "../src/catalog/calibration/kernels.generated.ts";
import type { CalibratedFormat, DecodeSet, ErrorSummary, GemmSet } from "../src/catalog/calibration/kernels.ts";
import { decodeTime } from "../src/compute/attention.ts";
import { attentionColumns, isFittedBatch } from "./calibrate/kernels/attention.ts";
import { decodeObservations } from "./calibrate/kernels/decode.ts";
import type { Observation } from "./calibrate/kernels/fit.ts";
import { shown, summarize } from "./calibrate/kernels/fit.ts";
import type { GemmShape } from "./calibrate/kernels/gemm.ts";
import { deviceOf, gemmColumns, gemmObservations, gemmRowTime, isFitted } from "./calibrate/kernels/gemm.ts";
import { catalogAccelerator } from "./calibrate/kernels/index.ts";
import { readTable, systems } from "./calibrate/kernels/rows.ts";
import { judge } from "./calibrate/network/judge.ts";

interface Judgement {
  readonly name: string;
  readonly summary: ErrorSummary;
  /** Largest mean |error| accepted. */
  readonly limit?: number;
}

const gemmLimits: Readonly<Record<string, number>> = { "h100-sxm": 0.09, "b200-sxm": 0.12 };
const decodeLimit = 0.11;
const allReduceLimit = 0.08;
/** The accelerators whose decode tables are of vLLM 0.24.0; the A100's are of 0.14.0. */
const decodeLimited: readonly string[] = ["h100-sxm", "h200-sxm", "b200-sxm", "gb200"];

async function heldOutGemm(shared: string, system: string, set: GemmSet): Promise<Observation<GemmShape>[]> {
  const at = { system, family: "gemm", backend: set.provenance.library, operator: "gemm_perf" };
  const table = await readTable(shared, at, gemmColumns);
  if (table === undefined) return [];
  const observations = gemmObservations(table, set.format, catalogAccelerator(set.provenance.accelerator));
  return observations.filter(({ shape }) => !isFitted(shape));
}

/** Signed errors of products with m >= 4096, by FLOP of one call. */
function largeBands(set: GemmSet, observations: readonly Observation<GemmShape>[]): string {
  const device = deviceOf(catalogAccelerator(set.provenance.accelerator), set.format);
  const bands: readonly (readonly [string, number, number])[] = [
    ["1e11..1e12", 1e11, 1e12],
    ["1e12..1e13", 1e12, 1e13],
    ["> 1e13", 1e13, Number.POSITIVE_INFINITY],
  ];
  return bands
    .map(([label, low, high]) => {
      const inside = observations.filter(({ shape: { m, n, k } }) => {
        const flop = 2 * m * n * k;
        return m >= 4096 && flop >= low && flop < high;
      });
      const { mean, bias, rows } = summarize(inside, (shape) => gemmRowTime(set, device, shape));
      return `${label}: ${(100 * bias).toFixed(1)} (mean ${(100 * mean).toFixed(1)}, n ${rows})`;
    })
    .join("  ");
}

async function judgeGemm(shared: string, print: (line: string) => void): Promise<Judgement[]> {
  const judged: Judgement[] = [];
  const formats: readonly CalibratedFormat[] = ["bf16", "fp8", "fp8-block", "nvfp4"];
  for (const [system, accelerator] of Object.entries(systems)) {
    for (const format of formats) {
      const set = kernelCalibration.gemm.find(
        (one) =>
          one.format === format && one.provenance.accelerator === accelerator && one.provenance.library === "trtllm",
      );
      if (set === undefined) continue;
      const observations = await heldOutGemm(shared, system, set);
      const device = deviceOf(catalogAccelerator(accelerator), format);
      const summary = summarize(observations, (shape) => gemmRowTime(set, device, shape));
      const limit = format === "bf16" ? gemmLimits[accelerator] : undefined;
      judged.push({ name: `gemm ${format} ${accelerator}`, summary, ...(limit === undefined ? {} : { limit }) });
      print(`signed error %, m >= 4096, ${format} ${accelerator}: ${largeBands(set, observations)}`);
    }
  }
  return judged;
}

async function judgeDecode(shared: string): Promise<Judgement[]> {
  const judged: Judgement[] = [];
  for (const [system, name] of Object.entries(systems)) {
    const accelerator = catalogAccelerator(name);
    const set: DecodeSet | undefined = kernelCalibration.decode.find(
      (one) => one.headDim === 128 && one.cacheBytes === 2 && one.provenance.accelerator === name,
    );
    const at = { system, family: "attention", backend: "vllm", operator: "generation_attention_perf" };
    const table = await readTable(shared, at, attentionColumns);
    if (set === undefined || table === undefined) continue;
    const device = deviceOf(accelerator, "bf16");
    const heldOut = decodeObservations(table, 128, 2, accelerator).filter(
      ({ shape }) => !isFittedBatch(shape.sequences),
    );
    const summary = summarize(heldOut, (shape) => decodeTime(set.coefficients, device, shape));
    const limited = decodeLimited.includes(name);
    judged.push({ name: `decode bf16 128 ${name}`, summary, ...(limited ? { limit: decodeLimit } : {}) });
  }
  return judged;
}

/** All-reduces inside one node, at sizes the curves were not fitted on. */
function judgeAllReduce(shared: string): Judgement[] {
  const rows = judge(shared).filter(({ group, operation }) => group === "tables" && operation === "all-reduce");
  const platforms = [...new Set(rows.map(({ platform }) => platform))];
  return platforms.map((platform) => {
    const observations = rows
      .filter((row) => row.platform === platform)
      .map((row) => ({ shape: row, time: row.measured }));
    const summary = summarize(observations, ({ predicted }) => predicted);
    return { name: `all-reduce ${platform}`, summary, limit: allReduceLimit };
  });
}

async function main(): Promise<number> {
  const shared = process.env.WINDTUNNEL_SHARED ?? join(import.meta.dirname, "..", "..", "shared");
  if (!existsSync(join(shared, "data", "kernels"))) {
    process.stderr.write(`check-kernels needs the kernel tables: none at ${shared} (set WINDTUNNEL_SHARED)\n`);
    return 1;
  }
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const judged = [...(await judgeGemm(shared, print)), ...(await judgeDecode(shared)), ...judgeAllReduce(shared)];
  print("kernels and collectives on shapes not fitted: mean / median / p90 of |error|, mean signed error, rows");
  let missed = 0;
  for (const { name, summary, limit } of judged) {
    const met = limit === undefined || (summary.rows > 0 && summary.mean <= limit);
    if (!met) missed += 1;
    const against = limit === undefined ? "" : `  limit ${(100 * limit).toFixed(0)} % ${met ? "met" : "MISSED"}`;
    print(`${name.padEnd(30)} ${shown(summary)}${against}`);
  }
  return missed === 0 && judged.some(({ limit }) => limit !== undefined) ? 0 : 1;
}

process.exitCode = await main();
