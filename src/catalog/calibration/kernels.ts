/**
 * Calibrated coefficients of the kernel models: their shapes, and where each set comes from.
 *
 * A set belongs to (operator, accelerator, library version). All efficiencies are fractions of the catalog's dense
 * peak or memory bandwidth, so they carry over to parts of the same generation. Values: `kernels.generated.ts`.
 */
import type { Seconds } from "../../base/quantity.ts";
import type { Generation } from "../accelerator.ts";

export interface ErrorSummary {
  readonly rows: number;
  /** Mean, median and 90th percentile of |predicted / measured - 1|, and the mean signed error. */
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  readonly bias: number;
}

export interface Provenance {
  readonly accelerator: string;
  readonly generation: Generation;
  /** `trtllm`, `vllm`, `flash-attention`, `cudnn`. */
  readonly library: string;
  readonly version: string;
  /** Key in `catalog/sources`. */
  readonly source: string;
  /** Shapes for which the set was fitted and judged, in words. */
  readonly range: string;
  readonly rowsFitted: number;
  /** Error on rows whose shapes were fitted, and on shapes that were not. */
  readonly fitted: ErrorSummary;
  readonly heldOut: ErrorSummary;
  /** Held-out rows above 1e11 FLOP: the shapes of training. */
  readonly heldOutLarge?: ErrorSummary;
}

/** Format in which a set was measured; other formats map onto these (`compute/format.ts`). */
export type CalibratedFormat = "bf16" | "fp8" | "fp8-block" | "nvfp4";

export interface GemmCoefficients {
  /** Fraction of peak inside the main loop of the largest tile, cool chip. */
  readonly compute: number;
  /** Fraction of memory bandwidth. */
  readonly memory: number;
  /** Constant of one call. */
  readonly start: Seconds;
  /** Depth (in k) that prologue and epilogue of a tile cost. */
  readonly depth: number;
  /** Share of an unfilled last wave that is waited for: 1 full quantisation, 0 none. */
  readonly tail: number;
  /** Efficiency lost with each halving of the tile. */
  readonly small: number;
  /** Slow-down of kernels much longer than `powerTime`, when the power limit has lowered the clock. */
  readonly throttle: number;
  /** Exponent (2 or 4) of the smooth maximum of compute and memory time. */
  readonly blend: number;
}

/** The kernels that turn bf16 activations into the format: t = start + bytes / (bandwidth memory). */
export interface QuantizeCoefficients {
  readonly start: Seconds;
  readonly memory: number;
}

export interface GemmSet {
  readonly format: CalibratedFormat;
  readonly coefficients: GemmCoefficients;
  readonly quantize?: QuantizeCoefficients;
  readonly provenance: Provenance;
}

export interface AttentionCoefficients {
  readonly compute: number;
  readonly memory: number;
  readonly start: Seconds;
  /** Keys that every query row costs beyond those it attends to (masked half tiles, softmax start and end). */
  readonly overhead: number;
  /** Share of the longest tile that is waited for at the end. */
  readonly tail: number;
}

export interface AttentionSet {
  /** Mean of query-key and value head dimension. */
  readonly headDim: number;
  readonly forward: AttentionCoefficients;
  readonly backward?: AttentionCoefficients;
  readonly provenance: Provenance;
  readonly backwardErrors?: ErrorSummary;
}

export interface DecodeCoefficients {
  readonly start: Seconds;
  readonly memory: number;
  /** Time per key of the context that does not parallelise. */
  readonly chain: Seconds;
}

export interface DecodeSet {
  readonly headDim: number;
  readonly cacheBytes: number;
  readonly coefficients: DecodeCoefficients;
  readonly provenance: Provenance;
}

export interface LatentDecodeCoefficients extends DecodeCoefficients {
  /** Of one sequence: its query, its result, and merging what was computed apart. */
  readonly sequence: Seconds;
}

/** Of so many query heads of a rank: kernels differ by them. */
export interface LatentDecodeSet {
  readonly heads: number;
  readonly cacheBytes: number;
  readonly coefficients: LatentDecodeCoefficients;
  readonly provenance: Provenance;
}

export interface ExpertCoefficients {
  readonly start: Seconds;
  /** Constant of each local expert (grouped-problem set-up). */
  readonly startPerExpert: Seconds;
  readonly compute: number;
  readonly memory: number;
  /** Rows that the tile of an expert is padded by. */
  readonly padding: number;
  /** Depth that prologue and epilogue cost, as in GEMM. */
  readonly depth: number;
  /** Passes over the permuted rows, each 2 hidden + 3 width elements (gather, activation, scatter). */
  readonly passes: number;
  /** Passes over the output of all tokens that the rank sees, its own or not. */
  readonly outputs: number;
  /** Sorting and weighting of one (token, choice) pair. */
  readonly route: Seconds;
  readonly blend: number;
}

/** Of experts also weights that are narrower than the 16 bits they are multiplied in. */
export type NarrowFormat = "int4";
export type ExpertFormat = CalibratedFormat | NarrowFormat;

export interface ExpertSet {
  readonly format: ExpertFormat;
  readonly coefficients: ExpertCoefficients;
  readonly provenance: Provenance;
}

/** Kinds of elementwise kernels; `stream` is a plain vectorised pass. */
export type PassKind = "stream" | "norm" | "activation" | "rotary";

export interface PassSet {
  readonly kind: PassKind;
  readonly coefficients: QuantizeCoefficients;
  readonly provenance: Provenance;
}

export interface KernelCalibration {
  readonly gemm: readonly GemmSet[];
  readonly attention: readonly AttentionSet[];
  readonly decode: readonly DecodeSet[];
  readonly latentDecode: readonly LatentDecodeSet[];
  readonly experts: readonly ExpertSet[];
  readonly passes: readonly PassSet[];
}
