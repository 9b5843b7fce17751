import { describe, expect, it } from "vitest";
import { accelerators } from "../../catalog/index.ts";
import { kernelsOf } from "../../compute/index.ts";
import { expertKernelsKnown, tritonTime, widenedExperts } from "./expert-kernels.ts";
import { linearPrecision } from "./options.ts";

const h100 = accelerators.get("h100-sxm");
const b200 = accelerators.get("b200-sxm");
const mxfp4 = linearPrecision("mxfp4", h100);

describe("experts in mxfp4 on parts without 4-bit units", () => {
  it("run Marlin where told so, and by default up to vLLM 0.11", () => {
    const stored = (version: string, told?: "marlin" | "triton", engine = "vllm") =>
      widenedExperts({ engine, version, ...(told && { told }) }, h100, mxfp4).stored;
    expect(stored("0.11.2")).toBe("mxfp4");
    expect(stored("0.18.0")).toBeUndefined();
    expect(stored("0.18.0", "marlin")).toBe("mxfp4");
    expect(stored("0.11.2", "triton")).toBeUndefined();
    expect(stored("0.5.9", undefined, "sglang")).toBeUndefined();
    expect(expertKernelsKnown(h100, mxfp4)).toEqual(expect.arrayContaining(["marlin", "triton"]));
  });

  it("leave formats alone that the part multiplies as they are stored", () => {
    const native = linearPrecision("mxfp4", b200);
    expect(widenedExperts({ engine: "vllm", version: "0.11.0" }, b200, native)).toEqual(native);
    expect(expertKernelsKnown(b200, native)).not.toContain("marlin");
  });

  it("take twice as long for prompts, and as long for few rows", () => {
    const { experts } = kernelsOf(h100, { library: "vllm" });
    const shape = {
      topK: 4,
      localExperts: 128,
      experts: 128,
      hidden: 2880,
      width: 1440,
      gated: "gated",
      imbalance: 1,
    } as const;
    const ratio = (tokens: number): number => {
      const of = (more: object): number =>
        experts("bf16", { ...shape, tokens, weightBytes: mxfp4.weightBytes, ...more });
      return of({ stored: "mxfp4" }) / of({});
    };
    expect(ratio(4)).toBeLessThan(1.05);
    expect(ratio(64)).toBeLessThan(1.15);
    expect(ratio(8192)).toBeGreaterThan(1.8);
    expect(ratio(8192)).toBeLessThan(2.7);
  });
});

describe("Triton's experts in 8 bit by blocks on Blackwell", () => {
  it("take what was measured for few tokens of DeepSeek-R1 over eight, within a tenth", () => {
    const { experts } = kernelsOf(b200, { library: "vllm" });
    const measured = [
      [1, 52.65],
      [2, 60.35],
      [4, 79.09],
      [8, 95.47],
      [16, 138.68],
      [24, 175.8],
    ] as const;
    for (const [tokens, microseconds] of measured) {
      const reached = 256 * (1 - (1 - 8 / 256) ** tokens);
      const shape = { tokens, topK: 8, localExperts: 256, experts: 256, hidden: 7168, width: 256, reached } as const;
      const generated = experts("fp8-block", { ...shape, gated: "gated", imbalance: 1, weightBytes: 1 });
      expect(tritonTime(generated) / (microseconds * 1e-6), `${tokens} tokens`).toBeGreaterThan(0.9);
      expect(tritonTime(generated) / (microseconds * 1e-6), `${tokens} tokens`).toBeLessThan(1.1);
    }
  });

  it("are known there in that format alone", () => {
    expect(expertKernelsKnown(b200, linearPrecision("fp8-block", b200))).toContain("triton");
    expect(expertKernelsKnown(b200, linearPrecision("nvfp4", b200))).not.toContain("triton");
  });
});
