/**
 * All-reduce kernels of inference engines: every rank reads its peers' memory directly, in one kernel without the
 * library's channels. Several times as fast as the library below 128 KiB; beyond a few MiB engines hand over to it, and
 * the measured curves contain that. Inside one scale-up domain only, as CUDA graphs replay them.
 * @source aiconfigurator-comm (custom all-reduce of vLLM and TensorRT-LLM, 2, 4 and 8 ranks)
 */
import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { CurveSet } from "../tuning.ts";
import type { Library } from "./collective.ts";
import { measuredSeconds } from "./measured.ts";
import type { Span } from "./span.ts";

/** Curves of an engine, or of every engine measured on the platform; none: not measured, or not in one domain. */
export function customCurves(library: Library, span: Span): readonly CurveSet[] {
  if (span.domains > 1) return [];
  return span.tuning.custom
    .filter((own) => library === "custom" || library === `custom/${own.library}`)
    .map((own) => own.curves);
}

/** Seconds of the fastest of them. */
export function customSeconds(size: Bytes, span: Span, curves: readonly CurveSet[]): Seconds {
  let least = Number.POSITIVE_INFINITY;
  for (const set of curves) least = Math.min(least, measuredSeconds("all-reduce", size, span, set));
  return least;
}
