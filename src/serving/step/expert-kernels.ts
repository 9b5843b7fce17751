/**
 * Kernels of routed experts by name, and whose table timed each. Engines choose one by accelerator and format; their
 * arguments choose another (`moe_config.backend`, `--moe-runner-backend`, `--moe-backend`). On eight-way split experts
 * of DeepSeek-R1 on a B200 TensorRT-LLM's generated kernels take 161 us for 64 tokens, DeepGEMM 425 us.
 *
 * Ignores: other kernels of 4-bit integers than Marlin, and differences between releases of one kernel.
 * @source aiconfigurator
 */

import type { Seconds } from "../../base/quantity.ts";
import type { Accelerator, Generation } from "../../catalog/accelerator.ts";
import type { GemmFormat } from "../../compute/index.ts";
import { isSince } from "../version.ts";
import type { EngineKernels, ExpertTable, LinearPrecision } from "./options.ts";

export const expertKernelNames = ["cutlass", "deepgemm", "marlin", "triton", "trtllm-gen"] as const;
export type ExpertKernels = (typeof expertKernelNames)[number];

type Tables = EngineKernels["experts"];

const trtllm = (...formats: readonly GemmFormat[]): Tables => of("trtllm", formats);
const vllm = (...formats: readonly GemmFormat[]): Tables => of("vllm", formats);

/** As `kernel_source` of the tables says; a table that mixes two kernels under one format is nobody's. */
const tables: Readonly<Partial<Record<Generation, Readonly<Partial<Record<ExpertKernels, Tables>>>>>> = {
  ada: { cutlass: trtllm("bf16", "fp8"), triton: vllm("bf16", "fp8", "fp8-block") },
  hopper: { cutlass: trtllm("bf16", "fp8", "fp8-block"), triton: vllm("bf16") },
  blackwell: {
    cutlass: trtllm("bf16", "fp8", "nvfp4"),
    deepgemm: trtllm("fp8-block"),
    triton: of("triton", ["fp8-block"]),
    "trtllm-gen": vllm("bf16", "fp8", "fp8-block", "nvfp4", "mxfp4"),
  },
};

function of(library: ExpertTable, formats: readonly GemmFormat[]): Tables {
  return Object.fromEntries(formats.map((format) => [format, library]));
}

/**
 * Triton's experts in 8 bit by blocks on a B200 from TensorRT-LLM's generated ones, which no table has: 52.7, 60.4, 79.1,
 * 95.5, 138.7 and 175.8 us for 1 to 24 tokens of DeepSeek-R1 over eight, where those take 35.9, 42.3, 54.6, 77.1, 114.3 and
 * 143.4: a line, met within 6 %. Ignores: that the way to prompts is longer than the way measured.
 * @source sglang-triton-experts
 */
export function tritonTime(generated: Seconds): Seconds {
  return 11.5e-6 + 1.146 * generated;
}

/** Whose table is to be read; undefined where these kernels were not measured on such accelerators in this format. */
export function expertTables(
  name: ExpertKernels,
  { generation }: Pick<Accelerator, "generation">,
  routed: LinearPrecision,
): EngineKernels["experts"] | undefined {
  const { compute, stored } = routed;
  if (name === "marlin") return isWidened(routed) && marlinMeasured.includes(generation) ? {} : undefined;
  const library = stored === undefined ? tables[generation]?.[name]?.[compute] : undefined;
  return library === undefined ? undefined : { [compute]: library };
}

/** Names that were measured on such accelerators in this format. */
export function expertKernelsKnown(
  accelerator: Pick<Accelerator, "generation">,
  routed: LinearPrecision,
): readonly ExpertKernels[] {
  return expertKernelNames.filter((name) => expertTables(name, accelerator, routed) !== undefined);
}

const marlinMeasured: readonly Generation[] = ["ada", "hopper", "blackwell"];

/** 4-bit weights, multiplied in 16 bit. */
function isWidened({ compute, weightBytes }: LinearPrecision): boolean {
  return compute === "bf16" && weightBytes < 0.75;
}

/** What decides whose kernels widen 4-bit weights. */
export interface ExpertChoice {
  readonly engine: string;
  readonly version: string;
  readonly told?: ExpertKernels;
}

/**
 * Weights in mxfp4 on parts without 4-bit units: Marlin where the engine is told so, and in vLLM up to 0.11; later
 * releases bring Triton's kernels along and take those. Marlin needs twice as long for prompts.
 * @source vllm-mxfp4-kernels
 */
export function widenedExperts(
  { engine, version, told }: ExpertChoice,
  { generation }: Pick<Accelerator, "generation">,
  routed: LinearPrecision,
): LinearPrecision {
  if (!isWidened(routed) || !marlinMeasured.includes(generation)) return routed;
  const usual = engine === "vllm" && !isSince(version, "0.12");
  return told === "marlin" || (told === undefined && usual) ? { ...routed, stored: routed.stored ?? "mxfp4" } : routed;
}
