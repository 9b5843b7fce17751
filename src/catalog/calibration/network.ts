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
