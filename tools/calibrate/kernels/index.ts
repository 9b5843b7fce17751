/** The kernels step: fits every operator on every accelerator that has tables and writes the calibration. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Accelerator } from "../../../src/catalog/accelerator.ts";
import { accelerators } from "../../../src/catalog/accelerators/index.ts";
import type {
  AttentionSet,
  CalibratedFormat,
  DecodeSet,
  ExpertFormat,
  ExpertSet,
  GemmSet,
  KernelCalibration,
  LatentDecodeSet,
  PassSet,
  Provenance,
} from "../../../src/catalog/calibration/kernels.ts";
import type { CalibrationStep } from "../step.ts";
import { attentionColumns, attentionObservations, fitAttention, fitPublished } from "./attention.ts";
import { decodeObservations, fitDecode, fitLatent, latentColumns, latentObservations } from "./decode.ts";
import { expertColumns, expertObservations, fitExperts } from "./experts.ts";
import { shown } from "./fit.ts";
import { fitGemm, gemmColumns, gemmObservations } from "./gemm.ts";
import { fitPasses } from "./passes.ts";
import { publishedAttention } from "./published.ts";
import { readTable, systems } from "./rows.ts";

type Log = (line: string) => void;
const formats: readonly CalibratedFormat[] = ["bf16", "fp8", "fp8-block", "nvfp4"];
/** Also weights of four bits that are multiplied in 16. */
const expertFormats: readonly ExpertFormat[] = [...formats, "int4"];
const libraries: readonly string[] = ["trtllm", "vllm"];
const rowsMin = 100;

export function catalogAccelerator(name: string): Accelerator {
  return accelerators.get(name);
}

/** Faults of the tables: launch-bound block-scaled rows of vLLM; GB200 rows of vLLM drop to half clock above 1e11 FLOP. */
export function isFaultyGemm(system: string, library: string, format: CalibratedFormat): boolean {
  return library === "vllm" && (format === "fp8-block" || system === "gb200");
}

function report(log: Log, what: string, { accelerator, library, heldOut, heldOutLarge }: Provenance): void {
  log(`${what.padEnd(24)} ${accelerator.padEnd(15)} ${library.padEnd(15)} held out ${shown(heldOut)}`);
  if (heldOutLarge !== undefined && heldOutLarge.rows > 0) log(`${" ".repeat(56)} large    ${shown(heldOutLarge)}`);
}

async function gemmSets(shared: string, log: Log): Promise<GemmSet[]> {
  const sets: GemmSet[] = [];
  for (const [system, name] of Object.entries(systems)) {
    const accelerator = catalogAccelerator(name);
    for (const library of libraries) {
      const at = { system, family: "gemm", backend: library, operator: "gemm_perf" };
      const table = await readTable(shared, at, gemmColumns);
      if (table === undefined) continue;
      let start: number | undefined;
      for (const format of formats) {
        if (isFaultyGemm(system, library, format)) continue;
        const observations = gemmObservations(table, format, accelerator);
        if (observations.length < rowsMin) continue;
        const set = fitGemm({ accelerator, library, version: table.version, format, observations, start });
        start ??= set.coefficients.start;
        sets.push(set);
        report(log, `gemm ${format}`, set.provenance);
      }
    }
  }
  return sets;
}

async function attentionSets(shared: string, log: Log): Promise<AttentionSet[]> {
  const sets: AttentionSet[] = [];
  for (const { accelerator: name, rows, ...labels } of publishedAttention) {
    const accelerator = catalogAccelerator(name);
    const set = fitPublished(accelerator, rows, {
      ...labels,
      source: labels.headDim === 64 && name === "h200-sxm" ? "flash-attention-3" : "cudnn-frontend-attention",
    });
    sets.push(set);
    report(log, `attention ${labels.headDim}`, set.provenance);
    if (set.backwardErrors !== undefined) log(`${" ".repeat(56)} backward ${shown(set.backwardErrors)}`);
  }
  for (const [system, name] of Object.entries(systems)) {
    const accelerator = catalogAccelerator(name);
    for (const library of libraries) {
      const at = { system, family: "attention", backend: library, operator: "context_attention_perf" };
      const table = await readTable(shared, at, attentionColumns);
      if (table === undefined) continue;
      for (const headDim of [64, 128, 192, 256]) {
        const observations = attentionObservations(table, headDim, 0);
        if (observations.length < rowsMin) continue;
        const set = fitAttention({ accelerator, library, version: table.version, headDim, observations });
        sets.push(set);
        report(log, `prefill ${headDim}`, set.provenance);
      }
    }
  }
  return sets;
}

async function decodeSets(shared: string, log: Log): Promise<DecodeSet[]> {
  const sets: DecodeSet[] = [];
  for (const [system, name] of Object.entries(systems)) {
    const accelerator = catalogAccelerator(name);
    const at = { system, family: "attention", backend: "vllm", operator: "generation_attention_perf" };
    const table = await readTable(shared, at, attentionColumns);
    if (table === undefined) continue;
    for (const headDim of [64, 128, 256]) {
      for (const cacheBytes of [2, 1]) {
        const observations = decodeObservations(table, headDim, cacheBytes, accelerator);
        if (observations.length < rowsMin) continue;
        const labels = { accelerator, library: "vllm", version: table.version, headDim, cacheBytes };
        const set = fitDecode({ ...labels, observations });
        sets.push(set);
        report(log, `decode ${headDim} ${cacheBytes === 2 ? "bf16" : "fp8"}`, set.provenance);
      }
    }
  }
  return sets;
}

async function latentSets(shared: string, log: Log): Promise<LatentDecodeSet[]> {
  const sets: LatentDecodeSet[] = [];
  for (const [system, name] of Object.entries(systems)) {
    // A100 rows do not follow a roofline at all.
    if (system === "a100_sxm") continue;
    const accelerator = catalogAccelerator(name);
    const at = { system, family: "mla", backend: "trtllm", operator: "generation_mla_perf" };
    const table = await readTable(shared, at, latentColumns);
    if (table === undefined) continue;
    for (const cacheBytes of [2, 1]) {
      const observations = latentObservations(table, cacheBytes);
      if (observations.length < rowsMin) continue;
      for (const set of fitLatent({ accelerator, version: table.version, cacheBytes, observations })) {
        sets.push(set);
        report(log, `latent ${cacheBytes === 2 ? "bf16" : "fp8"} ${set.heads} heads`, set.provenance);
      }
    }
  }
  return sets;
}

async function expertSets(shared: string, log: Log, gemm: readonly GemmSet[]): Promise<ExpertSet[]> {
  const sets: ExpertSet[] = [];
  for (const [system, name] of Object.entries(systems)) {
    const accelerator = catalogAccelerator(name);
    // A100 tables hold no balanced rows; their mildest skew stands in.
    const distribution = system === "a100_sxm" ? "power_law_1.01" : "balanced";
    for (const library of libraries) {
      const at = { system, family: "moe", backend: library, operator: "moe_perf" };
      const table = await readTable(shared, at, expertColumns);
      if (table === undefined) continue;
      for (const format of expertFormats) {
        const observations = expertObservations(table, format, distribution);
        if (observations.length < rowsMin) continue;
        const multiplied = format === "int4" ? "bf16" : format;
        const product = gemm.find((one) => one.format === multiplied && one.provenance.accelerator === name);
        const dense = product?.coefficients ?? { compute: 1, depth: 400 };
        const { version } = table;
        const set = fitExperts({ accelerator, library, version, format, distribution, observations, dense });
        sets.push(set);
        report(log, `experts ${format}`, set.provenance);
      }
    }
  }
  return sets;
}

function passSets(shared: string, log: Log): PassSet[] {
  const sets = [
    ...fitPasses(shared, catalogAccelerator("a100-sxm-80gb"), "a100"),
    ...fitPasses(shared, catalogAccelerator("h100-sxm"), "h100"),
  ];
  for (const set of sets) report(log, `pass ${set.kind}`, set.provenance);
  return sets;
}

export const kernels: CalibrationStep = {
  name: "kernels",
  async run({ shared, repository, log }) {
    log("held out: mean / median / p90 of |predicted / measured - 1|, mean signed error, rows");
    const gemm = await gemmSets(shared, log);
    const calibration: KernelCalibration = {
      gemm,
      attention: await attentionSets(shared, log),
      decode: await decodeSets(shared, log),
      latentDecode: await latentSets(shared, log),
      experts: await expertSets(shared, log, gemm),
      passes: passSets(shared, log),
    };
    const path = join(repository, "src/catalog/calibration/kernels.generated.ts");
    writeFileSync(path, generatedText(calibration));
    log(`wrote ${path.slice(repository.length + 1)}`);
  },
};

function generatedText(calibration: KernelCalibration): string {
  const lines = [
    "// Generated by `npm run calibrate kernels`; do not edit. Tables: see source `aiconfigurator` (commit 095f58a).",
    'import type { KernelCalibration } from "./kernels.ts";',
    "",
    "export const kernelCalibration: KernelCalibration = {",
  ];
  for (const [operator, sets] of Object.entries(calibration)) {
    lines.push(`  ${operator}: [`);
    for (const set of sets) lines.push(`    ${JSON.stringify(set)},`);
    lines.push("  ],");
  }
  lines.push("};", "");
  return lines.join("\n");
}
