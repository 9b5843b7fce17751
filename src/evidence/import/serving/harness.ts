/**
 * Engine settings of benchmark runs whose rows do not state them, as the harness sets them: the vendor's generator derives
 * them from the lengths and the batch of a rank; for InferenceX's scripts see `scripts.ts`.
 * @source aiconfigurator-benchmark-rules
 */

import type { Assumption, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import type { ServedEngine } from "./engine.ts";
import { scripted } from "./scripts.ts";
import type { SiliconRow } from "./silicon-row.ts";

export interface HarnessSettings {
  readonly engine: Section;
  readonly assumptions: readonly Assumption[];
}

/**
 * Nothing for pools apart, and where a harness's settings are not known.
 * @param drafts whether the run is taken to draft tokens, which some scripts do with settings of their own.
 */
export function harnessSettings(engine: ServedEngine, point: SiliconRow, drafts: "drafts" | "plain"): HarnessSettings {
  const { harness, layout } = point;
  if (!("all" in layout)) return { engine: {}, assumptions: [] };
  const settings = harness === "vendor" ? generated(engine.name, point) : scripted(engine, point, drafts);
  const why = harness === "vendor" ? "as the benchmark's generator sets it" : "as the benchmark's scripts set it";
  return {
    engine: settings,
    assumptions: Object.entries(settings).map(([key, value]) => assume(`serving.engine.${key}`, said(value), why)),
  };
}

/** A list of captured sizes by its largest. */
const said = (value: string | number | readonly number[]): string | number =>
  typeof value === "object" ? `up to ${Math.max(...value)}` : value;

/** Tokens that the generator lets an iteration take beyond one prompt and a token of each sequence. */
const spareTokens = 1500;

function generated(
  name: ServedEngine["name"],
  { batch, input }: SiliconRow,
): Readonly<Record<string, string | number>> {
  if (batch === undefined) return {};
  if (name === "sglang") return { mixedChunk: "on", maxPrefillTokens: input + spareTokens };
  return { maxBatchedTokens: batch + input + spareTokens };
}
