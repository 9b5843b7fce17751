/** Time from the measured curves of a scale-up domain: exact group sizes, sizes between them, and beyond the largest. */
import type { Bytes, Seconds } from "../../base/quantity.ts";
import { type MeasuredCurve, measuredSizeMax } from "../../catalog/calibration/network.ts";
import type { CurveSet } from "../tuning.ts";
import { floorLog2 } from "./algorithm.ts";
import type { CollectiveOperation, CollectiveTime, Reach } from "./collective.ts";
import type { Span } from "./span.ts";

/** Curves that can answer for this span, or undefined: then physics does. */
export function curvesFor(operation: CollectiveOperation, span: Span): CurveSet | undefined {
  if (span.domains > 1) return undefined;
  // Curves of machines whose switches reduce say nothing about the same links without it.
  const { generation, scaleUp } = span.platform;
  const reduced = scaleUp.topology === "switch" && (generation === "hopper" || generation === "blackwell");
  if (operation === "all-reduce" && reduced && span.tuning.nvls === 0 && span.ranks >= span.tuning.nvlsRanks) {
    return undefined;
  }
  const curves = span.tuning.curves[operation];
  return curves === undefined || curves.length === 0 ? undefined : curves;
}

/**
 * Seconds of an operation inside one domain. Between two measured group sizes the time is straight in the number of
 * ranks, or follows the law of in-switch reduction from the larger group, if that is faster. Beyond the largest the bytes grow as in its algorithm, and each further rank adds a step of 0.6 us, at most
 * 25 us in all: from there in-switch algorithms take over. A slower or faster link of the same generation scales the
 * bytes, not the latency.
 */
export function measuredSeconds(operation: CollectiveOperation, size: Bytes, span: Span, curves: CurveSet): Seconds {
  const bytes = size / span.tuning.linkRatio;
  const n = span.ranks;
  let below: MeasuredCurve | undefined;
  for (const curve of curves) {
    if (curve.ranks === n) return curveSeconds(curve, bytes);
    if (curve.ranks > n) {
      if (below === undefined) return curveSeconds(curve, bytes);
      const low = curveSeconds(below, bytes);
      const high = curveSeconds(curve, bytes);
      const between = low + ((high - low) * (n - below.ranks)) / (curve.ranks - below.ranks);
      if (!inSwitch(operation, span, n)) return between;
      return Math.min(between, curveSeconds(curve, bytes * growth(operation, span, curve.ranks)));
    }
    below = curve;
  }
  if (below === undefined || operation === "send-receive") return below === undefined ? 0 : curveSeconds(below, bytes);
  const passes = operation === "all-reduce" ? 2 : 1;
  const extra = Math.min(passes * (n - below.ranks) * 0.6e-6, 25e-6);
  return curveSeconds(below, bytes * growth(operation, span, below.ranks)) + extra;
}

function inSwitch(operation: CollectiveOperation, span: Span, ranks: number): boolean {
  return operation === "all-reduce" && span.tuning.nvls > 0 && ranks >= span.tuning.nvlsRanks;
}

/** Bytes on the busiest link for this group over those for a known one. */
function growth(operation: CollectiveOperation, span: Span, known: number): number {
  const n = span.ranks;
  if (inSwitch(operation, span, known)) return (1 + 1 / n) / (1 + 1 / known);
  return (n - 1) / n / ((known - 1) / known);
}

/** Straight in size between powers of two and beyond the last one; flat below the first. */
export function curveSeconds(curve: MeasuredCurve, size: Bytes): Seconds {
  const { seconds, first } = curve;
  const last = seconds.length - 1;
  // Curves end far below 2^31 bytes, so shifts are exact.
  const end = 1 << (first + last);
  if (size >= end) return seconds[last]! + (size - end) * curve.slope;
  const whole = floorLog2(Math.max(size, 1));
  const index = whole - first;
  if (index < 0) return seconds[0]!;
  const low = seconds[index]!;
  return low + (seconds[index + 1]! - low) * (size / (1 << whole) - 1);
}

/** Sizes and group sizes of these very links are measured; between them interpolated; beyond, or on others, neither. */
export function measuredBasis(size: Bytes, span: Span, curves: CurveSet): CollectiveTime["basis"] {
  const { size: most, ranks: widest } = reachOf(curves);
  if (span.tuning.linkRatio !== 1 || size > most || span.ranks > widest) return "extrapolated";
  if (curves.some((curve) => curve.ranks === span.ranks)) return "measured";
  return span.ranks >= (curves[0]?.ranks ?? Number.POSITIVE_INFINITY) ? "interpolated" : "extrapolated";
}

/** Curves end at the last size that was fitted; sizes that only judge were measured beyond it. */
export function reachOf(curves: CurveSet): Reach {
  const last = Math.max(...curves.map(({ first, seconds }) => 1 << (first + seconds.length - 1)));
  const judged = curves.some(({ operation }) => operation !== "send-receive");
  return {
    size: judged ? Math.max(last, measuredSizeMax) : last,
    ranks: Math.max(...curves.map(({ ranks }) => ranks)),
  };
}
