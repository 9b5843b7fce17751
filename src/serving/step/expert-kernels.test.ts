import { describe, expect, it } from "vitest";
import { accelerators } from "../../catalog/accelerators/index.ts";
import { kernelsOf } from "../../compute/index.ts";
import { expertKernelNames, expertKernelsKnown, expertTables } from "./expert-kernels.ts";
import { linearPrecision } from "./options.ts";

const b200 = accelerators.get("b200-sxm");
const h100 = accelerators.get("h100-sxm");

describe("kernels of routed experts by name", () => {
  it("are those that were measured for the accelerator and the format", () => {
    expect(expertKernelsKnown(b200, linearPrecision("fp8-block", b200))).toEqual(["deepgemm", "trtllm-gen"]);
    expect(expertKernelsKnown(h100, linearPrecision("fp8-block", h100))).toEqual(["cutlass"]);
    expect(expertKernelsKnown(h100, linearPrecision("bf16", h100))).toEqual(["cutlass", "triton"]);
    // 4-bit integers run Marlin whatever is said.
    expect(expertKernelsKnown(b200, linearPrecision("int4", b200))).toEqual([]);
  });

  it("have nothing on accelerators without tables", () => {
    const mi300x = accelerators.get("mi300x");
    for (const name of expertKernelNames) {
      expect(expertTables(name, mi300x, linearPrecision("bf16", mi300x))).toBeUndefined();
    }
  });

  it("differ as their tables do: eight-way split experts of DeepSeek-R1 are slower by DeepGEMM", () => {
    const shape = { topK: 8, localExperts: 256, experts: 256, hidden: 7168, width: 256, imbalance: 1 };
    const time = (library: string, tokens: number): number =>
      kernelsOf(b200, { library }).experts("fp8-block", { ...shape, tokens, gated: "gated" });
    expect(time("trtllm", 64) / time("vllm", 64)).toBeGreaterThan(1.3);
    expect(time("trtllm", 4) / time("vllm", 4)).toBeGreaterThan(1.5);
  });
});
