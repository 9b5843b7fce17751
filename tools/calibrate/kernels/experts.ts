/** Routed experts: balanced rows, split by model shape, and the fit of each (accelerator, library, format). */
import type { Accelerator } from "../../../src/catalog/accelerator.ts";
import type {
  ExpertCoefficients,
  ExpertFormat,
  ExpertSet,
  GemmCoefficients,
  Provenance,
} from "../../../src/catalog/calibration/kernels.ts";
import { bytesPerWeight } from "../../../src/catalog/models/index.ts";
import type { ExpertShape } from "../../../src/compute/experts.ts";
import { expertsTime } from "../../../src/compute/experts.ts";
import { formatBytes } from "../../../src/compute/format.ts";
import type { Observation, Parameter } from "./fit.ts";
import { fitCoefficients, half, summarize, thinned } from "./fit.ts";
import { deviceOf } from "./gemm.ts";
import type { Row, Table } from "./rows.ts";
import { latency, number } from "./rows.ts";

export const expertColumns: readonly string[] = [
  "kernel_source",
  "moe_dtype",
  "num_tokens",
  "hidden_size",
  "inter_size",
  "topk",
  "num_experts",
  "moe_tp_size",
  "moe_ep_size",
  "distribution",
  "latency",
];

export interface TableExpertShape extends ExpertShape {
  readonly reached: number;
  /** Width of the model's expert before tensor parallelism, for the split. */
  readonly fullWidth: number;
}

const tableFormats: Readonly<Record<string, ExpertFormat>> = {
  bfloat16: "bf16",
  fp8: "fp8",
  fp8_block: "fp8-block",
  nvfp4: "nvfp4",
  int4_wo: "int4",
};

/** Non-gated shapes: named so by TRT-LLM, told by their shape in vLLM tables. */
function isPlain(row: Row): boolean {
  return (
    String(row.kernel_source).includes("nongated") || number(row, "hidden_size") === 2688 || number(row, "topk") === 22
  );
}

/**
 * vLLM's tables are read by engines alone, whose replicas have a machine or two: rows of experts spread over more ranks
 * are constants of calls, and bend the fit where it is needed.
 */
const engineRanks = 16;

/**
 * vLLM's rows of DeepSeek-V3 choose among four of eight groups of experts, and balanced tokens all among the same four:
 * half the weights are read (5.6 GB in 0.70 ms on an H200 otherwise).
 */
function isHalved(row: Row): boolean {
  return (
    String(row.kernel_source).startsWith("vllm") &&
    number(row, "hidden_size") === 7168 &&
    number(row, "num_experts") === 256
  );
}

function isWide(row: Row): boolean {
  const ranks = number(row, "moe_tp_size") * number(row, "moe_ep_size");
  return String(row.kernel_source).startsWith("vllm") && ranks > engineRanks;
}

/** Gated rows of one format and routing; nvfp4 of TRT-LLM only from its throughput kernel. */
export function expertObservations(
  table: Table,
  format: ExpertFormat,
  distribution: string,
): Observation<TableExpertShape>[] {
  const observations: Observation<TableExpertShape>[] = [];
  for (const row of table.rows) {
    if (tableFormats[String(row.moe_dtype)] !== format || row.distribution !== distribution) continue;
    if (isHalved(row) || isWide(row)) continue;
    if (isPlain(row) || String(row.kernel_source).includes("min_latency")) continue;
    const tokens = number(row, "num_tokens");
    const topK = number(row, "topk");
    const experts = number(row, "num_experts");
    const ranks = number(row, "moe_ep_size");
    const fullWidth = number(row, "inter_size");
    const localExperts = experts / ranks;
    const shape: TableExpertShape = {
      tokens,
      topK,
      localExperts,
      experts,
      hidden: number(row, "hidden_size"),
      width: fullWidth / number(row, "moe_tp_size"),
      gated: "gated",
      imbalance: 1,
      reached: Math.min(localExperts, Math.max(1, (tokens * topK) / ranks)),
      fullWidth,
    };
    observations.push({ shape, time: latency(row) });
  }
  return observations;
}

/** Split by model: hidden size, expert width, experts and top-k. */
export function isFittedModel({ hidden, fullWidth, experts, topK }: TableExpertShape): boolean {
  return half(hidden, fullWidth, experts, topK) === 0;
}

/** Tables of weight-only experts hold one model: split by how it is divided. */
function isFittedLayout({ localExperts, width }: TableExpertShape): boolean {
  return half(localExperts, width) === 0;
}

export function rowsPerExpert(shape: TableExpertShape): number {
  return (shape.tokens * shape.topK) / shape.experts;
}

/**
 * Inside the main loop experts run at most as fast as dense products of the same format, and their tiles start and end
 * much alike; what is slower about them is memory traffic. Without these bounds the two trade places.
 */
const parametersBeside = ({
  compute: computeMax,
  depth,
}: Pick<GemmCoefficients, "compute" | "depth">): readonly Parameter[] => [
  { low: 1e-6, high: 100e-6, start: 25e-6, scale: "log" }, // start
  { low: 0, high: 400e-9, start: 5e-9, scale: "linear" }, // startPerExpert
  { low: 0.1, high: computeMax, start: 0.9 * computeMax, scale: "linear" }, // compute
  { low: 0.3, high: 1, start: 0.9, scale: "linear" }, // memory
  { low: 0, high: 300, start: 64, scale: "linear" }, // padding
  { low: 0, high: Math.max(400, 1.5 * depth), start: 200, scale: "linear" }, // depth
  { low: 0, high: 8, start: 1.5, scale: "linear" }, // passes
  { low: 0, high: 8, start: 1.5, scale: "linear" }, // outputs
  { low: 0, high: 4e-9, start: 0.05e-9, scale: "linear" }, // route
];

function coefficientsOf(x: readonly number[], blend: number): ExpertCoefficients {
  const [start = 0, startPerExpert = 0, compute = 1, memory = 1, padding = 0, depth = 0] = x;
  const [passes = 0, outputs = 0, route = 0] = x.slice(6);
  return { start, startPerExpert, compute, memory, padding, depth, passes, outputs, route, blend };
}

export function fitExperts(options: {
  readonly accelerator: Accelerator;
  readonly library: string;
  readonly version: string;
  readonly format: ExpertFormat;
  readonly distribution: string;
  readonly observations: readonly Observation<TableExpertShape>[];
  readonly dense: Pick<GemmCoefficients, "compute" | "depth">;
}): ExpertSet {
  const { accelerator, format, observations } = options;
  const narrow = format === "int4";
  const device = deviceOf(accelerator, narrow ? "bf16" : format);
  const bytes = narrow ? bytesPerWeight(format) : formatBytes(format);
  const isFitted = narrow ? isFittedLayout : isFittedModel;
  const fitted = observations.filter(({ shape }) => isFitted(shape));
  const heldOut = observations.filter(({ shape }) => !isFitted(shape));
  const candidates = [2, 4].map((blend) => ({
    blend,
    ...fitCoefficients({
      parameters: parametersBeside(options.dense),
      observations: thinned(fitted, 2500),
      predict: (x, shape) => expertsTime(coefficientsOf(x, blend), device, bytes, shape),
    }),
  }));
  const best = candidates.reduce((a, b) => (b.loss < a.loss ? b : a));
  const coefficients = coefficientsOf(best.coefficients, best.blend);
  const predict = (shape: TableExpertShape): number => expertsTime(coefficients, device, bytes, shape);
  const provenance: Provenance = {
    accelerator: accelerator.name,
    generation: accelerator.generation,
    library: options.library,
    version: options.version,
    source: "aiconfigurator",
    range: `gated experts, ${options.distribution} routing, tokens 1..65536, split by ${narrow ? "layout" : "model"}${options.library === "vllm" ? `, at most ${engineRanks} ranks` : ""}`,
    rowsFitted: fitted.length,
    fitted: summarize(fitted, predict),
    heldOut: summarize(heldOut, predict),
    heldOutLarge: summarize(
      heldOut.filter(({ shape }) => rowsPerExpert(shape) >= 256),
      predict,
    ),
  };
  return { format, coefficients, provenance };
}
