/** Predicts every row with the quick loop and prints signed errors by group. `tsx tools/calibrate/serving/judge.ts [SOURCE [KEY]]` */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostTimes } from "../../../src/serving/engine/settings.ts";
import { stepTimeOf } from "../../../src/serving/step/step-time.ts";
import { type LoopResult, runLoop } from "./loop.ts";
import { blisRows, type Constants, type ServingRow, siliconRows } from "./rows.ts";

export function predict(row: ServingRow, constants: Constants, host: HostTimes): LoopResult | undefined {
  const step = stepTimeOf({ ...row.options, constants });
  return runLoop(
    {
      step,
      host,
      maxBatchedTokens: row.maxBatchedTokens,
      maxSequences: row.maxSequences,
      cacheTokens: row.cacheTokens,
      ranks: row.layout.attentionData,
      ahead: "yes",
      promptsFirst: row.engine.name === "sglang" ? "yes" : "no",
    },
    row.workload,
  );
}

/** InferenceX lists its runs with drafted tokens as DeepSeek-R1, those without as DeepSeek-V3. */
function hidden(row: ServingRow): boolean {
  return row.model === "deepseek-ai/DeepSeek-R1" && row.source !== "aic-gap";
}

export function summary(errors: readonly number[]): string {
  if (errors.length === 0) return "none";
  const sorted = errors.map(Math.abs).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const signed = [...errors].sort((a, b) => a - b);
  const bias = signed[Math.floor(signed.length / 2)] ?? 0;
  const percent = (value: number): string => (100 * value).toFixed(1);
  return `n ${errors.length} median ${percent(at(0.5))} p90 ${percent(at(0.9))} bias(median) ${percent(bias)}`;
}

function main(): void {
  const shared = process.env.WINDTUNNEL_SHARED ?? join(fileURLToPath(import.meta.url), "../../../../..", "shared");
  const [source = "blis", key = ""] = process.argv.slice(2);
  const host: HostTimes = { ingress: 5e-3, ingressPerToken: 0, egress: 2e-3, iteration: 0, iterationPerSequence: 0 };
  const constants: Constants = { gap: 0e-6, launch: 5e-6, iteration: 164e-6, perSequence: 0e-6 };
  const rows = source === "blis" ? blisRows(shared) : siliconRows(shared);
  const groups = new Map<string, number[]>();
  const note = (group: string, error: number): void => {
    groups.set(group, [...(groups.get(group) ?? []), error]);
  };
  for (const row of rows) {
    if (!row.id.includes(key)) continue;
    const found = predict(row, constants, host);
    if (found === undefined) {
      note("does not fit", 0);
      continue;
    }
    // Tokens faster than the accelerators can read the active weights: several were drafted, without the row saying so.
    if (row.id.startsWith("blis") === false && hidden(row)) {
      note(`${row.source} hidden speculation`, 0);
      continue;
    }
    const errors = Object.entries(row.measured).map(([metric, value]) => {
      const error = (found as unknown as Record<string, number>)[metric]! / value - 1;
      note(`${row.source} ${metric}`, error);
      note(`${row.accelerator} ${row.engine.name} ${row.engine.version} ${row.model} ${metric}`, error);
      return `${metric} ${(value * 1e3).toFixed(1)} ${(100 * error).toFixed(0)}%`;
    });
    if (process.env.ROWS) console.log(`${row.id.slice(0, 90)} | ${errors.join(" | ")}`);
  }
  for (const [group, errors] of [...groups].sort()) console.log(group, summary(errors));
}

if (process.argv[1]?.endsWith("judge.ts")) main();
