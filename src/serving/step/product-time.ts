/** Time of one product of a layer in the format that its weights and activations have. */

import type { Seconds } from "../../base/quantity.ts";
import type { Kernels } from "../../compute/index.ts";
import type { LinearPrecision, StepOptions } from "./options.ts";

/** A product whose activations come in 16 bit; weight-only formats multiply in 16 bit. */
export function productTime(
  { engine }: Pick<StepOptions, "engine">,
  kernels: Kernels,
  { compute, weightBytes }: LinearPrecision,
  { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
): Seconds {
  switch (castOf({ engine }, { compute })) {
    case "none":
      return kernels.gemm(compute, m, n, k, weightBytes);
    case "fused":
      return kernels.gemm(compute, m, n, k);
    case "separate":
      return kernels.quantizedGemm(compute, m, n, k);
  }
}

/** How activations get a product's format; scales of blocks are found by a kernel of their own in every engine. */
export function castOf(
  { engine }: Pick<StepOptions, "engine">,
  { compute }: Pick<LinearPrecision, "compute">,
): "none" | "fused" | "separate" {
  if (compute === "bf16" || compute === "fp16") return "none";
  return engine.fused.includes("quantize") && compute !== "fp8-block" ? "fused" : "separate";
}
