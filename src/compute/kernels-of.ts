/**
 * Kernel times of one accelerator from a calibrated roofline.
 *
 *     t = t0 + max( FLOP / (P e_c), bytes / (B e_b) )
 *
 * Ignores: anything below one kernel (instruction mix, cache replacement), and clocks that differ between parts.
 */
import type { Accelerator, Arithmetic } from "../catalog/accelerator.ts";
import type { AttentionShape, GemmFormat, Kernels } from "./kernel.ts";

interface Roofline {
  readonly compute: number;
  readonly memory: number;
  readonly start: number;
}

const bf16: Readonly<Record<string, Roofline>> = {
  ampere: { compute: 0.8, memory: 0.75, start: 6.1e-6 },
  ada: { compute: 0.585, memory: 0.789, start: 1.2e-6 },
  hopper: { compute: 0.757, memory: 0.805, start: 3.5e-6 },
  blackwell: { compute: 0.662, memory: 0.718, start: 3.1e-6 },
};
const fp8: Readonly<Record<string, Roofline>> = {
  hopper: { compute: 0.62, memory: 0.777, start: 5e-6 },
  blackwell: { compute: 0.55, memory: 0.665, start: 5e-6 },
};
const neutral: Roofline = { compute: 0.68, memory: 0.75, start: 4e-6 };

const bytesOf: Readonly<Record<GemmFormat, number>> = {
  fp32: 4,
  tf32: 4,
  bf16: 2,
  fp16: 2,
  fp8: 1,
  "fp8-block": 1,
  mxfp8: 1,
  nvfp4: 0.5625,
  mxfp4: 0.53125,
  int8: 1,
};
const unitsOf: Readonly<Record<GemmFormat, readonly Arithmetic[]>> = {
  fp32: ["fp32", "tf32", "bf16"],
  tf32: ["tf32", "bf16"],
  bf16: ["bf16"],
  fp16: ["fp16", "bf16"],
  fp8: ["fp8", "bf16"],
  "fp8-block": ["fp8", "bf16"],
  mxfp8: ["fp8", "bf16"],
  nvfp4: ["fp4", "fp8", "bf16"],
  mxfp4: ["fp4", "fp8", "bf16"],
  int8: ["int8", "bf16"],
};

/** Kernels of an accelerator; `library` names the stack whose tables to prefer. */
export function kernelsOf(accelerator: Accelerator, _options: { readonly library?: string } = {}): Kernels {
  const bandwidth = accelerator.memory.bandwidth;
  const peak = (format: GemmFormat): number => {
    for (const unit of unitsOf[format]) {
      const rate = accelerator.peak[unit];
      if (rate !== undefined) return rate;
    }
    throw new Error(`${accelerator.name} has no peak for ${format}`);
  };
  const line = (format: GemmFormat): Roofline => {
    const table = bytesOf[format] < 2 ? fp8 : bf16;
    return table[accelerator.generation] ?? neutral;
  };
  const gemm = (format: GemmFormat, m: number, n: number, k: number): number => {
    const { compute, memory, start } = line(format);
    const bytes = bytesOf[format] * (m * k + n * k) + 2 * m * n;
    return start + Math.max((2 * m * n * k) / (peak(format) * compute), bytes / (bandwidth * memory));
  };
  const memoryPass = (bytes: number): number => 3e-6 + bytes / (bandwidth * 0.8);
  const attention = (shape: AttentionShape): number => {
    const { compute, memory, start } = line("bf16");
    const flop = attentionFlop(shape);
    const bytes =
      2 *
      shape.sequences *
      (shape.queries * shape.heads + shape.keys * shape.keyValueHeads) *
      (shape.headDim + shape.valueHeadDim);
    return start + Math.max(flop / (peak("bf16") * compute * 0.85), bytes / (bandwidth * memory));
  };
  return {
    gemm,
    quantizedGemm: (format, m, n, k) =>
      gemm(format, m, n, k) + (bytesOf[format] < 2 ? memoryPass(m * k * (2 + bytesOf[format])) : 0),
    groupedGemm(format, { groups, rows, n, k, imbalance }) {
      const { compute, memory, start } = line(format);
      const rowsPerGroup = rows / groups;
      const saturation = rowsPerGroup / (rowsPerGroup + 64);
      const bytes = bytesOf[format] * (rows * k + groups * n * k) + 2 * rows * n;
      const flop = 2 * rows * n * k * imbalance;
      return start + Math.max(flop / (peak(format) * compute * saturation), bytes / (bandwidth * memory));
    },
    attention,
    attentionBackward: (shape) => 2.5 * attention(shape) * 1.15,
    decodeAttention: ({ sequences, context, keyValueHeads, headDim, cacheBytes }) =>
      12e-6 + (sequences * context * 2 * keyValueHeads * headDim * cacheBytes) / (bandwidth * 0.87),
    latentDecodeAttention({ sequences, context, heads, keyValueRank, ropeDim, cacheBytes }) {
      const flop = 2 * sequences * context * heads * (2 * keyValueRank + ropeDim);
      const bytes = sequences * context * (keyValueRank + ropeDim) * cacheBytes;
      return 12e-6 + Math.max(flop / (peak("bf16") * 0.5), bytes / (bandwidth * 0.85));
    },
    experts(format, { tokens, topK, localExperts, experts, hidden, width, gated, imbalance }) {
      const { compute, memory } = line(format);
      const matrices = gated === "gated" ? 3 : 2;
      const rows = (tokens * topK * localExperts) / experts;
      const hit = localExperts * (1 - (1 - topK / experts) ** tokens);
      const saturation = rows / (rows + 64 * Math.max(1, hit));
      const flop = 2 * rows * matrices * hidden * width * imbalance;
      const bytes = hit * matrices * hidden * width * bytesOf[format];
      return 3e-5 + Math.max(flop / (peak(format) * compute * saturation), bytes / (bandwidth * memory));
    },
    memoryPass,
    basis: { trust: bf16[accelerator.generation] ? "interpolated" : "assumed", note: "first coefficients" },
  };
}

function attentionFlop(shape: AttentionShape): number {
  const { sequences, queries, keys, heads, headDim, valueHeadDim } = shape;
  const pairs = attendedPairs(shape);
  void queries;
  void keys;
  return 2 * sequences * heads * pairs * (headDim + valueHeadDim);
}

/** Query-key pairs that one head of one sequence attends to; the last query sees every key. */
export function attendedPairs(shape: Pick<AttentionShape, "queries" | "keys" | "causal" | "window">): number {
  const { queries, keys, causal, window } = shape;
  if (causal === "full") return queries * Math.min(keys, window ?? keys);
  const cached = Math.max(0, keys - queries);
  if (window === undefined || window >= keys) return queries * (cached + (queries + 1) / 2);
  const rising = Math.min(queries, Math.max(0, window - cached));
  return rising * (cached + (rising + 1) / 2) + (queries - rising) * window;
}
