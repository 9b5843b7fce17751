import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Accelerator } from "../catalog/accelerator.ts";
import { accelerators } from "../catalog/accelerators/index.ts";
import { kernelCalibration } from "../catalog/calibration/kernels.generated.ts";
import { attendedPairs } from "./attention.ts";
import { expertsReached } from "./experts.ts";
import { formatSupported } from "./format.ts";
import { blendedMaximum } from "./gemm.ts";
import type { AttentionShape, GemmFormat, Kernels } from "./kernel.ts";
import { kernelsOf } from "./kernels-of.ts";

const formats: readonly GemmFormat[] = [
  "fp32",
  "tf32",
  "bf16",
  "fp16",
  "fp8",
  "fp8-block",
  "mxfp8",
  "nvfp4",
  "mxfp4",
  "int8",
];
const named = ["a100-sxm-80gb", "h100-sxm", "b200-sxm", "gb300", "mi300x", "tpu-v5p", "h20"];
const some: readonly Accelerator[] = named.map((name) => accelerators.get(name));
const size = fc.integer({ min: 1, max: 65536 });
const width = fc.integer({ min: 1, max: 512 }).map((x) => 64 * x);
const anAccelerator = fc.constantFrom(...some);

function faster(accelerator: Accelerator, compute: number, bandwidth: number): Accelerator {
  const peak = Object.fromEntries(Object.entries(accelerator.peak).map(([unit, rate]) => [unit, rate * compute]));
  const memory = { ...accelerator.memory, bandwidth: accelerator.memory.bandwidth * bandwidth };
  return { ...accelerator, peak, memory };
}

const llama: AttentionShape = {
  sequences: 1,
  queries: 8192,
  keys: 8192,
  heads: 64,
  keyValueHeads: 8,
  headDim: 128,
  valueHeadDim: 128,
  causal: "causal",
};

/** Every operator once, at training or serving size. */
function allTimes(kernels: Kernels): readonly number[] {
  const experts = { topK: 8, localExperts: 16, experts: 256, hidden: 7168, width: 2048, gated: "gated" as const };
  return [
    kernels.gemm("bf16", 8192, 8192, 8192),
    kernels.quantizedGemm("bf16", 64, 4096, 4096),
    kernels.groupedGemm("bf16", { groups: 16, rows: 4096, n: 4096, k: 7168, imbalance: 1 }),
    kernels.attention(llama),
    kernels.attentionBackward(llama),
    kernels.decodeAttention({ sequences: 64, context: 4096, heads: 64, keyValueHeads: 8, headDim: 128, cacheBytes: 2 }),
    kernels.latentDecodeAttention({
      sequences: 64,
      context: 4096,
      heads: 128,
      keyValueRank: 512,
      ropeDim: 64,
      cacheBytes: 2,
    }),
    kernels.experts("bf16", { ...experts, tokens: 512, imbalance: 1 }),
    kernels.memoryPass(1e8),
  ];
}

describe("kernels of every accelerator", () => {
  it("answer finite positive times for every supported format, and say how they are founded", () => {
    for (const accelerator of accelerators.entries) {
      const kernels = kernelsOf(accelerator);
      for (const time of allTimes(kernels)) expect(time).toBeGreaterThan(0);
      for (const format of formats) {
        if (!formatSupported(accelerator, format)) continue;
        const flop = 2 * 8192 ** 3;
        const rate = flop / kernels.gemm(format, 8192, 8192, 8192);
        expect(rate, `${accelerator.name} ${format}`).toBeGreaterThan(1e12);
      }
      expect(kernels.basis.note.length).toBeGreaterThan(10);
    }
  });

  it("never run products above the dense peak", () => {
    for (const accelerator of accelerators.entries) {
      const rate = (2 * 16384 ** 3) / kernelsOf(accelerator).gemm("bf16", 16384, 16384, 16384);
      expect(rate).toBeLessThan(accelerator.peak.bf16 ?? accelerator.peak.fp16 ?? 0);
    }
  });

  it("name their tables, the part they borrow from, or that they are assumed", () => {
    const trust = (name: string) => kernelsOf(accelerators.get(name)).basis;
    expect(trust("h100-sxm").note).toContain("h100-sxm (trtllm 1.3.0rc20)");
    expect(trust("gb300").note).toContain("efficiencies of gb200");
    expect(trust("b300-sxm").note).toContain("efficiencies of b200-sxm");
    expect(trust("mi300x").trust).toBe("assumed");
    expect(trust("tpu-v5p").trust).toBe("assumed");
  });

  it("refuse a format without a unit", () => {
    expect(formatSupported(accelerators.get("a100-sxm-80gb"), "fp8")).toBe(false);
    expect(() => kernelsOf(accelerators.get("a100-sxm-80gb")).gemm("fp8", 64, 64, 64)).toThrow(/fp8/);
  });
});

describe("monotonicity", () => {
  it("more work never takes less time in a product", () => {
    fc.assert(
      fc.property(anAccelerator, size, width, width, fc.integer({ min: 1, max: 700 }), (accelerator, m, n, k, more) => {
        const { gemm } = kernelsOf(accelerator);
        const time = gemm("bf16", m, n, k) * (1 - 1e-12);
        expect(gemm("bf16", m + more, n, k)).toBeGreaterThanOrEqual(time);
        expect(gemm("bf16", m, n + more, k)).toBeGreaterThanOrEqual(time);
        expect(gemm("bf16", m, n, k + more)).toBeGreaterThanOrEqual(time);
      }),
    );
  });

  it("longer, wider or more sequences never take less time in attention", () => {
    const length = fc.integer({ min: 1, max: 40000 });
    const window = fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined });
    fc.assert(
      fc.property(anAccelerator, length, length, window, (accelerator, queries, more, size) => {
        const kernels = kernelsOf(accelerator);
        const shape = { ...llama, queries, keys: queries, ...(size === undefined ? {} : { window: size }) };
        const longer = { ...shape, queries: queries + more, keys: queries + more };
        for (const pass of [kernels.attention, kernels.attentionBackward]) {
          const time = pass(shape) * (1 - 1e-12);
          expect(pass(longer)).toBeGreaterThanOrEqual(time);
          expect(pass({ ...shape, sequences: 2 })).toBeGreaterThanOrEqual(time);
          expect(pass({ ...shape, heads: 128 })).toBeGreaterThanOrEqual(time);
        }
      }),
    );
  });

  it("more tokens never take less time in experts", () => {
    const experts = { topK: 8, localExperts: 16, experts: 256, hidden: 7168, width: 2048, gated: "gated" as const };
    fc.assert(
      fc.property(anAccelerator, size, size, (accelerator, tokens, more) => {
        const kernels = kernelsOf(accelerator);
        const time = kernels.experts("bf16", { ...experts, tokens, imbalance: 1 }) * (1 - 1e-12);
        expect(kernels.experts("bf16", { ...experts, tokens: tokens + more, imbalance: 1 })).toBeGreaterThanOrEqual(
          time,
        );
        expect(kernels.experts("bf16", { ...experts, tokens, imbalance: 1.5 })).toBeGreaterThanOrEqual(time);
      }),
    );
  });

  it("experts of 4-bit integers take the time of their own kernels, of all tables one", () => {
    // A table of 1,053 rows: 64 tokens over 384 experts of Kimi K2, eight-way split, 408 us on a B200.
    const kimi = { topK: 8, localExperts: 384, experts: 384, hidden: 7168, width: 256, gated: "gated" as const };
    const kernels = kernelsOf(accelerators.get("b200-sxm"), { library: "vllm" });
    const shape = { ...kimi, tokens: 64, imbalance: 1, weightBytes: 0.5625, reached: 384 };
    expect(kernels.experts("bf16", { ...shape, stored: "int4" })).toBeGreaterThan(330e-6);
    expect(kernels.experts("bf16", { ...shape, stored: "int4" })).toBeLessThan(490e-6);
    expect(kernels.experts("bf16", shape)).toBeLessThan(kernels.experts("bf16", { ...shape, stored: "int4" }));
  });

  it("more FLOP/s or bandwidth is never slower", () => {
    const factor = fc.double({ min: 1, max: 4, noNaN: true });
    fc.assert(
      fc.property(anAccelerator, factor, factor, (accelerator, compute, bandwidth) => {
        const before = allTimes(kernelsOf(accelerator));
        const after = allTimes(kernelsOf(faster(accelerator, compute, bandwidth)));
        for (const [index, time] of before.entries()) {
          expect(after[index] ?? 0).toBeLessThanOrEqual(time * (1 + 1e-12));
        }
      }),
    );
  });
});

describe("limits", () => {
  it("a tiny product costs the constant of a call, a huge one its FLOP", () => {
    const { gemm } = kernelsOf(accelerators.get("h100-sxm"));
    expect(gemm("bf16", 1, 64, 64)).toBeLessThan(5e-6);
    const ratio = gemm("bf16", 131072, 16384, 16384) / gemm("bf16", 65536, 16384, 16384);
    expect(ratio).toBeGreaterThan(1.98);
    expect(ratio).toBeLessThan(2.1);
  });

  it("streaming weights at one token reaches 70 to 90 % of bandwidth", () => {
    for (const name of ["a100-sxm-80gb", "h100-sxm", "h200-sxm", "b200-sxm"]) {
      const accelerator = accelerators.get(name);
      const bytes = 2 * 16384 * 65536;
      const share = bytes / kernelsOf(accelerator).gemm("bf16", 1, 16384, 65536) / accelerator.memory.bandwidth;
      expect(share).toBeGreaterThan(0.7);
      expect(share).toBeLessThan(0.9);
    }
  });

  it("quantisation costs extra, and only on quantised formats", () => {
    const kernels = kernelsOf(accelerators.get("h100-sxm"));
    expect(kernels.quantizedGemm("bf16", 4096, 4096, 4096)).toBe(kernels.gemm("bf16", 4096, 4096, 4096));
    expect(kernels.quantizedGemm("fp8", 4096, 4096, 4096)).toBeGreaterThan(kernels.gemm("fp8", 4096, 4096, 4096));
  });

  it("a window costs no more than full attention and approaches it", () => {
    const { attention } = kernelsOf(accelerators.get("h100-sxm"));
    expect(attention({ ...llama, window: 1024 })).toBeLessThan(attention(llama) / 2);
    expect(attention({ ...llama, window: 8192 })).toBe(attention(llama));
  });
});

describe("counts", () => {
  it("attended pairs equal a count pair by pair", () => {
    const small = fc.integer({ min: 1, max: 24 });
    fc.assert(
      fc.property(
        small,
        fc.integer({ min: 0, max: 12 }),
        fc.option(small, { nil: undefined }),
        (queries, cached, window) => {
          const keys = queries + cached;
          let count = 0;
          for (let query = 0; query < queries; query += 1) {
            const last = cached + query;
            for (let key = 0; key <= last; key += 1) if (window === undefined || last - key < window) count += 1;
          }
          const shape = { queries, keys, causal: "causal" as const, ...(window === undefined ? {} : { window }) };
          expect(attendedPairs(shape)).toBeCloseTo(count, 9);
        },
      ),
    );
  });

  it("experts reached is one draw at one token and all at many", () => {
    const shape = { topK: 8, localExperts: 32, experts: 256 };
    expect(expertsReached({ ...shape, tokens: 1 })).toBeCloseTo(1, 12);
    expect(expertsReached({ ...shape, tokens: 5000 })).toBeCloseTo(32, 9);
    expect(expertsReached({ topK: 8, experts: 8, localExperts: 2, tokens: 1 })).toBe(2);
  });

  it("the smooth maximum lies between the maximum and the sum", () => {
    expect(blendedMaximum(0, 0, 4)).toBe(0);
    expect(blendedMaximum(3, 0, 2)).toBe(3);
    expect(blendedMaximum(1, 1, 2)).toBeCloseTo(Math.SQRT2, 12);
    expect(blendedMaximum(1, 1, 4)).toBeCloseTo(2 ** 0.25, 12);
  });
});

describe("against measurements that were not fitted", () => {
  /** A few held-out rows of AIConfigurator's tables (Apache-2.0), milliseconds of one call. */
  const rows: readonly (readonly [string, GemmFormat, number, number, number, number])[] = [
    ["h100-sxm", "bf16", 1, 8192, 8192, 0.0492],
    ["h100-sxm", "bf16", 64, 4096, 4096, 0.0157],
    ["h100-sxm", "bf16", 512, 7168, 2048, 0.0227],
    ["h100-sxm", "bf16", 4096, 4096, 4096, 0.1743],
    ["h100-sxm", "bf16", 8192, 10240, 8192, 1.7338],
    ["h100-sxm", "bf16", 16384, 8192, 4096, 1.3912],
    ["b200-sxm", "bf16", 1, 8192, 8192, 0.0274],
    ["b200-sxm", "bf16", 64, 4096, 4096, 0.0095],
    ["b200-sxm", "bf16", 512, 7168, 2048, 0.0146],
    ["b200-sxm", "bf16", 4096, 4096, 4096, 0.1123],
    ["b200-sxm", "bf16", 8192, 10240, 8192, 0.8573],
    ["b200-sxm", "bf16", 16384, 8192, 4096, 0.6644],
    ["h100-sxm", "fp8", 1, 8192, 8192, 0.0374],
    ["h100-sxm", "fp8", 64, 4096, 4096, 0.0193],
    ["h100-sxm", "fp8", 512, 7168, 2048, 0.0246],
    ["h100-sxm", "fp8", 4096, 4096, 4096, 0.1507],
    ["h100-sxm", "fp8", 8192, 10240, 8192, 1.0759],
    ["h100-sxm", "fp8", 16384, 8192, 4096, 0.9273],
  ];

  it("small samples of the tables lie within 25 %, 10 % in the mean", () => {
    let sum = 0;
    for (const [name, format, m, n, k, milliseconds] of rows) {
      const error = (kernelsOf(accelerators.get(name)).quantizedGemm(format, m, n, k) * 1e3) / milliseconds - 1;
      expect(Math.abs(error), `${name} ${format} ${m} ${n} ${k}`).toBeLessThan(0.25);
      sum += Math.abs(error);
    }
    expect(sum / rows.length).toBeLessThan(0.1);
  });

  it("convolutions before Mamba-2's scan lie within 16 % of the tables", () => {
    // Channels, tokens and milliseconds of causal_conv1d over Nemotron 3's shapes. @source aiconfigurator
    const samples: readonly (readonly [string, number, number, number])[] = [
      ["h100-sxm", 10_240, 8192, 0.1298],
      ["h200-sxm", 10_240, 16_384, 0.2232],
      ["b200-sxm", 10_240, 16_384, 0.1919],
      ["gb200", 18_432, 16_384, 0.3185],
    ];
    for (const [name, channels, tokens, milliseconds] of samples) {
      const time = kernelsOf(accelerators.get(name)).convolution(4 * channels * tokens);
      expect(Math.abs((time * 1e3) / milliseconds - 1), name).toBeLessThan(0.16);
    }
  });

  /**
   * All products of one layer, forward and backward, operands already in the format: hidden 4,096, MLP 16,384, 15,872
   * tokens, as Transformer Engine's tutorial prints them. Parts without tables of ours.
   * @source transformer-engine-gemm-profiling
   */
  const layers: readonly (readonly [string, GemmFormat, number, number])[] = [
    ["b300-sxm", "bf16", 13.102, 0.08],
    ["b300-sxm", "fp8", 6.812, 0.1],
    ["b300-sxm", "mxfp8", 7.161, 0.1],
    ["b300-sxm", "nvfp4", 3.764, 0.22],
    ["h200-nvl", "bf16", 31.968, 0.08],
    ["h200-nvl", "fp8", 16.785, 0.1],
  ];

  it("a layer's products on B300 and H200 NVL match Transformer Engine's figures", () => {
    const weights = [
      [12288, 4096],
      [4096, 4096],
      [16384, 4096],
      [4096, 16384],
    ] as const;
    const tokens = 15872;
    for (const [name, format, milliseconds, tolerance] of layers) {
      const { gemm } = kernelsOf(accelerators.get(name));
      const times = weights.map(
        ([n, k]) => gemm(format, tokens, n, k) + gemm(format, tokens, k, n) + gemm(format, k, n, tokens),
      );
      const total = times.reduce((sum, time) => sum + time, 0) * 1e3;
      expect(Math.abs(total / milliseconds - 1), `${name} ${format}: ${total.toFixed(2)} ms`).toBeLessThan(tolerance);
    }
  });
});

describe("the calibration", () => {
  it("meets what the data supports on shapes not fitted, by its own record", () => {
    const gemm = (name: string) =>
      kernelCalibration.gemm.find(
        ({ format, provenance }) =>
          format === "bf16" && provenance.accelerator === name && provenance.library === "trtllm",
      )?.provenance;
    expect(gemm("h100-sxm")?.heldOut.mean).toBeLessThan(0.09);
    expect(gemm("b200-sxm")?.heldOut.mean).toBeLessThan(0.12);
    for (const { headDim, cacheBytes, provenance } of kernelCalibration.decode) {
      if (headDim !== 128 || cacheBytes !== 2 || provenance.version !== "0.24.0") continue;
      expect(provenance.heldOut.mean).toBeLessThan(0.11);
    }
  });

  it("keeps every efficiency physical", () => {
    for (const { coefficients } of [...kernelCalibration.gemm, ...kernelCalibration.experts]) {
      expect(coefficients.compute).toBeLessThanOrEqual(1);
      expect(coefficients.memory).toBeLessThanOrEqual(1);
      expect(coefficients.start).toBeGreaterThan(0);
    }
  });
});
