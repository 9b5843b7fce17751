/**
 * Two recorded vLLM runs replayed under the layer times of the same GPU: both are overloaded, so this judges the
 * scheduler and the queue. Host times are constants that others published; nothing is fitted to these runs.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { HostTimes } from "../../src/serving/engine/settings.ts";
import { layerTableStepTime } from "../../src/serving/step/layer-table.ts";
import { RequestListBuilder } from "../../src/workload/request/list.ts";
import { noHost } from "../serving-case.ts";
import { hasShared, sharedFile } from "../shared.ts";
import { plainSettings, runReplica } from "./one-replica.ts";

interface Stamps {
  readonly input_toks: number;
  readonly output_toks: number;
  readonly arrival_time: number;
  readonly queued_ts: number;
  readonly first_token_ts: number;
  readonly last_token_ts: number;
}

interface Prompt {
  readonly input_length: number;
  readonly hash_ids: readonly number[];
}

/** What an iteration and a sequence in it cost the host. BLIS (inference-sim), defaults.yaml: b7 and b6. */
const host: HostTimes = { ...noHost, iteration: 126.02e-6, iterationPerSequence: 4.417e-6 };

const runs = [
  { model: "Llama-3.1-8B", prompts: "llama-3.1-8b", tensor: 1, layers: 32, width: 4096, skew: 0.054 },
  { model: "Qwen3-32B", prompts: "qwen3-32b", tensor: 2, layers: 64, width: 5120, skew: 0.065 },
] as const;

/** Two all-reduces a layer over the PCIe pair, by that project's own latency and bandwidth. */
const pcie = { perLayer: 2, latency: 20e-6, bandwidth: 16e9 };

const folder = "data/serving-runs/rtxpro6000";
const text = (path: string): string => readFileSync(sharedFile(path), "utf8");
const lines = <Row>(content: string): Row[] =>
  content
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);

describe.skipIf(!hasShared())("recorded vLLM 0.19 runs on RTX PRO 6000", () => {
  it.each(runs)("$model", (run) => {
    const stamps = lines<Stamps>(text(`${folder}/${run.model}/vllm/requests.jsonl`));
    const state = replay(run, stamps);
    const of = (simulated: (row: number) => number, recorded: (row: Stamps) => number) => ({
      simulated: stamps.map((_, row) => simulated(row)),
      recorded: stamps.map(recorded),
    });
    const first = of(
      (row) => state.firstToken[row]! - state.queued[row]!,
      (row) => row.first_token_ts - row.queued_ts,
    );
    const each = of(
      (row) => (state.ended[row]! - state.firstToken[row]!) / (stamps[row]!.output_toks - 1),
      (row) => (row.last_token_ts - row.first_token_ts) / (row.output_toks - 1),
    );
    const whole = of(
      (row) => state.ended[row]! - state.queued[row]!,
      (row) => row.last_token_ts - row.queued_ts,
    );
    expect(stamps.length).toBe(300);
    const errors = {
      first: error(first, mean),
      each: error(each, mean),
      p50: error(whole, percentile(0.5)),
      p90: error(whole, percentile(0.9)),
      p99: error(whole, percentile(0.99)),
    };
    process.stdout.write(`${run.model}: ${JSON.stringify(errors)}\n`);
    expect(Math.abs(errors.first)).toBeLessThanOrEqual(0.05);
    expect(Math.abs(errors.each)).toBeLessThanOrEqual(0.02);
    for (const share of [errors.p50, errors.p90, errors.p99]) expect(Math.abs(share)).toBeLessThanOrEqual(0.03);
  });
});

function replay(run: (typeof runs)[number], stamps: readonly Stamps[]) {
  const packed = readFileSync(
    sharedFile(`data/inference/llmservingsim-sharegpt/sharegpt-${run.prompts}-300-sps10.jsonl.gz`),
  );
  const prompts = lines<Prompt>(gunzipSync(packed).toString());
  // Arrivals are on the wall clock, the other stamps on the engine's: latencies are counted on one of them.
  const start = Math.min(...stamps.map((row) => row.arrival_time));
  const builder = new RequestListBuilder({ chunkTokens: 16 });
  stamps.forEach((row, index) => {
    const prompt = prompts[index]!;
    expect(prompt.input_length).toBe(row.input_toks);
    const release = row.arrival_time - start;
    const covered = prompt.hash_ids.length * 16;
    builder.add({ release, input: row.input_toks, output: row.output_toks, ids: prompt.hash_ids, covered });
  });
  const tables = `${folder}/${run.model}/layers/tp${run.tensor}`;
  const step = layerTableStepTime({
    dense: text(`${tables}/dense.csv`),
    attention: text(`${tables}/attention.csv`),
    perSequence: text(`${tables}/per_sequence.csv`),
    skew: { table: text(`${tables}/skew_fit.csv`), fallback: run.skew },
    layers: run.layers,
    ...(run.tensor === 1 ? {} : { allReduce: { ...pcie, bytesPerToken: run.width * 2 } }),
  });
  const settings = { ...plainSettings, version: "0.19", hostOverlap: "on" as const };
  return runReplica({ requests: builder.done(), settings, step, host }).state;
}

interface Pair {
  readonly simulated: readonly number[];
  readonly recorded: readonly number[];
}

function error({ simulated, recorded }: Pair, of: (values: readonly number[]) => number): number {
  return of(simulated) / of(recorded) - 1;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percentile(share: number): (values: readonly number[]) => number {
  return (values) => [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}
