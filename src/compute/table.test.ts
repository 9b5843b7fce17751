import { describe, expect, it } from "vitest";
import { hasShared, sharedFile } from "../../test/shared.ts";
import { readKernelTables } from "../../tools/kernel-tables.ts";
import { accelerators } from "../catalog/accelerators/index.ts";
import { kernelsOf } from "./kernels-of.ts";
import type { GemmRow, KernelTables } from "./table.ts";
import { tableKernels } from "./table.ts";

const base = kernelsOf(accelerators.get("h100-sxm"));
const row = (m: number, n: number, k: number, factor: number): GemmRow => ({
  format: "bf16",
  m,
  n,
  k,
  time: base.gemm("bf16", m, n, k) * factor,
});

describe("table-backed kernels", () => {
  const tables: KernelTables = {
    label: "a sample",
    gemm: [row(64, 4096, 4096, 1.2), row(1024, 4096, 4096, 0.8), row(1024, 8192, 4096, 0.8)],
  };
  const kernels = tableKernels(base, tables);

  it("return a measured row itself", () => {
    expect(kernels.gemm("bf16", 64, 4096, 4096)).toBeCloseTo(base.gemm("bf16", 64, 4096, 4096) * 1.2, 15);
  });

  it("interpolate the correction between rows and hold it outside", () => {
    const correction = (m: number): number => kernels.gemm("bf16", m, 4096, 4096) / base.gemm("bf16", m, 4096, 4096);
    expect(correction(256)).toBeCloseTo(Math.sqrt(1.2 * 0.8), 9);
    expect(correction(1)).toBeCloseTo(1.2, 9);
    expect(correction(65536)).toBeCloseTo(0.8, 9);
  });

  it("use the nearest weights for an unknown (n, k)", () => {
    const correction = kernels.gemm("bf16", 1024, 6144, 4096) / base.gemm("bf16", 1024, 6144, 4096);
    expect(correction).toBeCloseTo(0.8, 9);
  });

  it("fall back to coefficients for formats and operators without rows, and say so", () => {
    expect(kernels.gemm("fp8", 64, 4096, 4096)).toBe(base.gemm("fp8", 64, 4096, 4096));
    expect(kernels.memoryPass(1e8)).toBe(base.memoryPass(1e8));
    expect(kernels.basis.trust).toBe("measured");
    expect(kernels.basis.note).toContain("products (3 rows)");
    expect(tableKernels(base, { label: "nothing" }).basis).toBe(base.basis);
  });
});

/** Median |error| of every `step`-th item predicted from all others. */
function leaveOneOut<Row>(
  rows: readonly Row[],
  step: number,
  predict: (others: readonly Row[], left: Row) => number,
): number {
  const errors: number[] = [];
  for (let index = step; index < rows.length; index += step) {
    const left = rows[index] as Row;
    errors.push(predict([...rows.slice(0, index), ...rows.slice(index + 1)], left));
  }
  errors.sort((a, b) => a - b);
  return errors[Math.floor(errors.length / 2)] ?? Number.POSITIVE_INFINITY;
}

describe.skipIf(!hasShared())("leaving rows out of measured tables", async () => {
  const all = hasShared()
    ? await readKernelTables(sharedFile("data/kernels/aiconfigurator/systems/data/h100_sxm"), "trtllm")
    : { label: "" };

  it("a product between rows of its own weights is within 5 % in the median", () => {
    const bf16 = (all.gemm ?? []).filter(
      ({ format, n, k }) => format === "bf16" && n === 4096 && k >= 4096 && k <= 8192,
    );
    const error = leaveOneOut(bf16, 7, (gemm, left) => {
      const { gemm: predict } = tableKernels(base, { label: "", gemm });
      return Math.abs(predict("bf16", left.m, left.n, left.k) / left.time - 1);
    });
    expect(bf16.length).toBeGreaterThan(300);
    expect(error).toBeLessThan(0.05);
  });

  it("a product of unknown weights is within 6 % in the median", () => {
    const bf16 = (all.gemm ?? []).filter(({ format, n, k }) => format === "bf16" && n >= 1024 && k >= 1024);
    const unknown = bf16.filter(({ n, k }) => n === 7168 && k === 6144);
    const others = bf16.filter(({ n, k }) => n !== 7168 || k !== 6144);
    const { gemm } = tableKernels(base, { label: "", gemm: others });
    const errors = unknown.map(({ m, n, k, time }) => Math.abs(gemm("bf16", m, n, k) / time - 1)).sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(20);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.06);
  });

  it("attention is within 4 %, decode within 6 % in the median", () => {
    const prefill = (all.attention ?? []).filter(({ shape }) => shape.headDim === 128 && shape.queries >= 64);
    const attention = leaveOneOut(prefill, 101, (rows, left) => {
      const kernels = tableKernels(base, { label: "", attention: rows });
      return Math.abs(kernels.attention(left.shape) / left.time - 1);
    });
    expect(attention).toBeLessThan(0.04);
    const wide = (all.decode ?? []).filter(({ shape }) => shape.headDim === 128 && shape.cacheBytes === 2);
    const decode = leaveOneOut(wide, 101, (rows, left) => {
      const kernels = tableKernels(base, { label: "", decode: rows });
      return Math.abs(kernels.decodeAttention(left.shape) / left.time - 1);
    });
    expect(decode).toBeLessThan(0.06);
  });
});
