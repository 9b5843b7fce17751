/**
 * Engine settings of the vendor's own runs: its generator derives them from the lengths and the batch of a rank.
 * @source aiconfigurator-benchmark-rules
 */

import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import type { ServedEngine } from "./engine.ts";
import type { SiliconRow } from "./silicon-row.ts";

/** Tokens that an iteration may take beyond one prompt and a token of each sequence. */
const spareTokens = 1500;

export interface HarnessSettings {
  readonly engine: Section;
  readonly assumptions: readonly Assumption[];
}

/** Nothing for runs of other harnesses, for pools apart, or where the batch is not stated. */
export function harnessSettings(name: ServedEngine["name"], point: SiliconRow): HarnessSettings {
  const { harness, batch, input, layout } = point;
  if (harness !== "vendor" || batch === undefined || !("all" in layout)) return { engine: {}, assumptions: [] };
  const engine =
    name === "sglang"
      ? { mixedChunk: "on", maxPrefillTokens: input + spareTokens }
      : { maxBatchedTokens: batch + input + spareTokens };
  const assumptions = Object.entries(engine).map(([key, value]) =>
    assume(`serving.engine.${key}`, value, "as the benchmark's generator sets it for these lengths and this batch"),
  );
  return { engine, assumptions };
}
