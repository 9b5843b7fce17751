/** Shapes of the calibrated communication tables; values live in `network.generated.ts`. */
import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { Generation } from "../accelerator.ts";

/** Time of one operation inside one scale-up domain, at every power of two of the size. */
export interface MeasuredCurve {
  readonly operation: "all-reduce" | "all-gather" | "reduce-scatter" | "all-to-all" | "send-receive";
  readonly ranks: number;
  /** log2 of the size of the first knot. */
  readonly first: number;
  readonly seconds: readonly Seconds[];
  /** Seconds per byte beyond the last knot. */
  readonly slope: number;
  /** Mean absolute errors in percent on fitted points and on judged sizes; median on judged sizes from 16 MiB up. */
  readonly error: { readonly fitted: number; readonly heldOut: number; readonly heldOutLarge: number };
}

export interface MeasuredPlatform {
  readonly name: string;
  readonly generation: Generation;
  readonly topology: "switch" | "pcie";
  /** Scale-up domain of the measured machine. */
  readonly domain: number;
  /** Specified bandwidth of the measured link, per accelerator, one direction. */
  readonly bandwidth: BytesPerSecond;
  readonly files: readonly string[];
  readonly curves: readonly MeasuredCurve[];
}

/** Engines whose own all-reduce kernels were measured. */
export type CustomLibrary = "vllm" | "tensorrt-llm";

/** Curves of one engine's all-reduce on one machine. */
export interface CustomPlatform extends MeasuredPlatform {
  readonly library: CustomLibrary;
}

/** Range of sizes the curves were measured over. */
export const measuredSizeMax: Bytes = 2 ** 29;

/** What copying tokens between experts costs in one direction. */
export interface CopyCost {
  /** One call with hardly any tokens inside one domain. */
  readonly latency: Seconds;
  /** One call over two domains, and what each doubling of the domains adds. */
  readonly networkLatency: Seconds;
  readonly doublingLatency: Seconds;
  /** Time one multiprocessor spends on one token, however narrow. */
  readonly perToken: Seconds;
  /** Bytes one multiprocessor copies to ranks of its domain, and when it also forwards between domains. */
  readonly perMultiprocessor: BytesPerSecond;
  readonly perForwarder: BytesPerSecond;
  /** Most of the scale-up link, and of the NICs' goodput, that the copies reach. */
  readonly linkShare: number;
  readonly networkShare: number;
}

export interface ExpertCopies {
  readonly generation: Generation;
  readonly dispatch: CopyCost;
  readonly combine: CopyCost;
  /** Mean absolute errors in percent, on fitted rows and on rows of 4,096 and 8,192 tokens. */
  readonly error: { readonly fitted: number; readonly heldOut: number };
}

/** What the low-latency kernels cost in one direction: every copy of a token goes to its expert by itself. */
export interface LowLatencyCost {
  /** One call with hardly any tokens inside one domain, and what polling each expert adds. */
  readonly latency: Seconds;
  readonly perExpert: Seconds;
  /** One call over two domains, and what each doubling of the domains adds. */
  readonly networkLatency: Seconds;
  readonly doublingLatency: Seconds;
  /** Bytes that the multiprocessors of one expert take in. */
  readonly perReceiver: BytesPerSecond;
  readonly linkShare: number;
  readonly networkShare: number;
}

export interface LowLatencyCopies {
  readonly generation: Generation;
  readonly dispatch: LowLatencyCost;
  readonly combine: LowLatencyCost;
  /** Mean absolute errors in percent, on fitted rows and on rows of 1, 8, 32 and 128 tokens. */
  readonly error: { readonly fitted: number; readonly heldOut: number };
}

/** What the two-sided exchange over one NVLink domain costs in one direction. */
export interface TwoSidedCost {
  readonly latency: Seconds;
  readonly perToken: Seconds;
  readonly linkShare: number;
}

export interface TwoSidedCopies {
  readonly generation: Generation;
  readonly dispatch: TwoSidedCost;
  readonly combine: TwoSidedCost;
  /** Mean absolute errors in percent, on fitted rows and on rows of 1, 128, 2,048 and 8,192 tokens. */
  readonly error: { readonly fitted: number; readonly heldOut: number };
}
