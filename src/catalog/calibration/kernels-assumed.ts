/**
 * Large-product rates of accelerators without kernel tables, as fractions of the dense 16-bit peak. Not fitted by us:
 * published maxima of matrix products, or a stated assumption. Everything else of such parts is the median of the
 * calibrated ones.
 */
import type { Generation } from "../accelerator.ts";

export interface AssumedRate {
  /** Best measured product over the dense peak. */
  readonly matrix: number;
  /** Systolic arrays fed by a compiler: no waves of tiles, no power throttling in the published figures. */
  readonly waves: "tiles" | "none";
  readonly source: string;
  readonly note: string;
}

export const assumedRates: Readonly<Partial<Record<Generation, AssumedRate>>> = {
  "blackwell-workstation": {
    matrix: 0.85,
    waves: "tiles",
    source: "gpu-flops-bench",
    note: "RTX PRO 6000 best 457 TFLOP/s bf16, less the 10 % by which that benchmark exceeds tables on H200",
  },
  cdna2: { matrix: 0.77, waves: "tiles", source: "ml-engineering-mamf", note: "MI250X GCD best of 191.5 TFLOP/s" },
  cdna3: { matrix: 0.54, waves: "tiles", source: "amd-maf", note: "MI300X 708 of 1,307 TFLOP/s bf16" },
  cdna4: { matrix: 0.6, waves: "tiles", source: "amd-maf", note: "no figure for MI355X: assumed above MI300X" },
  "tpu-v4": { matrix: 0.9, waves: "none", source: "jax-scaling-book", note: "assumed from measured model MFU" },
  "tpu-v5e": { matrix: 0.9, waves: "none", source: "jax-scaling-book", note: "assumed from measured model MFU" },
  "tpu-v5p": { matrix: 0.9, waves: "none", source: "jax-scaling-book", note: "assumed from measured model MFU" },
  "tpu-v6e": { matrix: 0.85, waves: "none", source: "jax-scaling-book", note: "assumed, below v5" },
  "tpu-v7x": { matrix: 0.85, waves: "none", source: "jax-scaling-book", note: "assumed as v6e" },
  gaudi2: { matrix: 0.95, waves: "none", source: "gaudi2-mamf", note: "best product 99.4 % of peak" },
  gaudi3: { matrix: 0.8, waves: "none", source: "gaudi2-mamf", note: "no figure: assumed below Gaudi 2" },
};
