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
