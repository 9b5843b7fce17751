/**
 * Speed of serving as a whole process: the command from start to answer on the request lists on which other simulators
 * were timed, and a fleet of 64 on a recorded trace where the shared data is there.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { sharedFile } from "../test/shared.ts";
import { commandRuns } from "./command.ts";

export interface ServingTiming {
  readonly name: string;
  /** CPU seconds of the whole process, median; or its peak memory in megabytes. */
  readonly value: number;
  readonly unit: "s" | "MB";
  readonly aim: number;
}

/** Figures of the built command. */
export function servingTimings(command: string): readonly ServingTiming[] {
  const folder = mkdtempSync(join(tmpdir(), "windtunnel-bench-"));
  try {
    return [
      ...timed(command, folder, { name: "10k Poisson requests", requests: poisson(folder, 10_000), aim: 1 }),
      ...timed(command, folder, { name: "10k requests of 64 users", requests: closed(10_000), aim: 1 }),
      ...timed(command, folder, {
        name: "100k Poisson requests",
        requests: poisson(folder, 100_000),
        aim: 9,
        memory: 250,
      }),
      ...fleet(command, folder),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Case {
  readonly name: string;
  readonly requests: object;
  readonly aim: number;
  readonly memory?: number;
}

/** Settings of model and engine in the peers' runs: one H100, Llama 3.1 8B. */
function timed(command: string, folder: string, { name, requests, aim, memory }: Case): readonly ServingTiming[] {
  const engine = { name: "vllm", version: "0.19", maxBatchedTokens: 2048, maxSequences: 256, cacheBlocks: 29_000 };
  const serving = { engine: { ...engine, maxLength: 29_000 }, replicas: 1 };
  return run(command, scenarioFile(folder, { requests, serving, nodes: 1 }), { name, aim, memory });
}

function fleet(command: string, folder: string): readonly ServingTiming[] {
  const packed = sharedFile("data/inference/mooncake/conversation_trace.jsonl.gz");
  if (!existsSync(packed)) {
    process.stderr.write("skipped: no shared data, 64 replicas on the Mooncake trace\n");
    return [];
  }
  const trace = join(folder, "mooncake.jsonl");
  writeFileSync(trace, gunzipSync(readFileSync(packed)));
  const serving = { engine: "vllm@0.19", replicas: 64, router: "kv-aware" };
  const scenario = scenarioFile(folder, { requests: { trace, format: "mooncake" }, serving, nodes: 8 });
  return run(command, scenario, { name: "64 replicas, kv-aware, Mooncake conversation", aim: 3, memory: undefined });
}

function scenarioFile(
  folder: string,
  { requests, serving, nodes }: { readonly requests: object; readonly serving: object; readonly nodes: number },
): string {
  const file = join(folder, "scenario.json");
  const workload = { kind: "serving", model: "meta-llama/Llama-3.1-8B", requests };
  const cluster = { node: "hgx-h100", nodes };
  writeFileSync(file, JSON.stringify({ windtunnel: 1, name: "bench", cluster, workload, serving }));
  return file;
}

function run(
  command: string,
  scenario: string,
  { name, aim, memory }: { readonly name: string; readonly aim: number; readonly memory: number | undefined },
): readonly ServingTiming[] {
  const runs = commandRuns(command, ["predict", scenario], 3);
  const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[1] ?? Number.NaN;
  const cpu = middle(runs.map(({ cpuSeconds }) => cpuSeconds));
  const peak = middle(runs.map(({ peakMegabytes }) => peakMegabytes));
  return [
    { name: `${name}, CPU of the whole command`, value: cpu, unit: "s", aim },
    ...(memory === undefined ? [] : [{ name: `${name}, peak memory`, value: peak, unit: "MB", aim: memory } as const]),
  ];
}

/** 64 users without think time, 1,024 tokens in and 256 out. */
function closed(count: number): object {
  return { users: 64, count, input: 1024, output: 256 };
}

/**
 * The peers' list: Poisson arrivals at 10 a second, log-normal lengths (6.5, 0.7) and (5.0, 0.7) within 16..6000 and
 * 2..2000, drawn by mulberry32 of seed 42: a gap, then two numbers for each normal.
 */
function poisson(folder: string, count: number): object {
  const draw = mulberry32(42);
  const normal = (): number => {
    const [first, second] = [draw(), draw()];
    return Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
  };
  const length = (mu: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, Math.round(Math.exp(mu + 0.7 * normal()))));
  let time = 0;
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    time += -Math.log(1 - draw()) / 10;
    lines.push(JSON.stringify({ t_us: Math.round(time * 1e6), in: length(6.5, 16, 6000), out: length(5, 2, 2000) }));
  }
  const trace = join(folder, `poisson-${count}.jsonl`);
  writeFileSync(trace, lines.join("\n"));
  return { trace };
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 4294967296;
  };
}
