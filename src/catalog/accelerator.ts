/** Accelerators: what one device can do by its datasheet. Values are specified, each entry names its sources. */

import type { Bytes, BytesPerSecond, FlopPerSecond, Watts } from "../base/quantity.ts";

/** Arithmetic a matrix unit has a dense peak for. `fp8` and `fp4` are the unit's width, not a training recipe. */
export type Arithmetic = "fp64" | "fp32" | "tf32" | "bf16" | "fp16" | "fp8" | "fp6" | "fp4" | "int8";

/** Micro-architecture generation: what calibrated coefficients belong to. */
export type Generation =
  | "ampere"
  | "ada"
  | "hopper"
  | "blackwell"
  | "blackwell-workstation"
  | "cdna2"
  | "cdna3"
  | "cdna4"
  | "tpu-v4"
  | "tpu-v5e"
  | "tpu-v5p"
  | "tpu-v6e"
  | "tpu-v7x"
  | "gaudi2"
  | "gaudi3"
  | "trainium2"
  | "ascend-910";

/** 2^30 bytes: memory chips are binary, whatever the label says. */
export const gibibytes = (count: number): Bytes => count * 2 ** 30;
/** 2^20 bytes. */
export const mebibytes = (count: number): Bytes => count * 2 ** 20;

export interface Accelerator {
  /** Catalog name, lower case with hyphens: `h100-sxm`. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly label: string;
  readonly vendor: string;
  readonly generation: Generation;
  readonly year?: number;
  /**
   * Dense peaks (no sparsity). A missing key means: no such unit, or no citable figure.
   * `fp32` is the rate of an fp32 product, on NVIDIA parts that of the vector units.
   */
  readonly peak: Readonly<Partial<Record<Arithmetic, FlopPerSecond>>>;
  /** Rate of the vector (non-matrix) units in fp32, where citable. */
  readonly vectorPeak?: FlopPerSecond;
  /** Capacity in bytes that a process can use; vendors' "80 GB" are 80 GiB where the parts are binary. */
  /** Rate of the exponential units over the generation's first part, where the vendor states one; absent is 1. */
  readonly softmaxRate?: number;
  readonly memory: { readonly capacity: Bytes; readonly bandwidth: BytesPerSecond };
  /** Last-level cache, where citable. */
  readonly cache?: Bytes;
  /** Streaming multiprocessors, compute units or cores that tiles are spread over. */
  readonly multiprocessors?: number;
  /** Links to its peers, all together; bandwidth per accelerator, one direction (on a torus or mesh: sum over links). */
  readonly scaleUp: {
    readonly kind: "nvlink" | "pcie" | "infinity-fabric" | "ici" | "roce" | "neuronlink" | "hccs";
    readonly bandwidth: BytesPerSecond;
  };
  /** Board power limit; unknown where the vendor publishes none. */
  readonly power: Watts | "unknown";
  /** Keys in `catalog/sources`. */
  readonly sources: readonly string[];
  readonly notes?: string;
}
