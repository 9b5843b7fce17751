/**
 * Recorded vLLM runs with the arrival and the lengths of every request (LLMServingSim's validation runs). The requests
 * are a trace beside the records. What the prompts share is not in it: 8 % of their tokens were found in the cache.
 */

import { assume } from "../converter.ts";
import { countOf, textOf } from "../raw.ts";
import { servedEngine } from "./engine.ts";
import { clusterOf, machineNamed } from "./machine.ts";
import { servedModel } from "./models.ts";
import type { ServingReader } from "./reader.ts";
import { readingsOf, withPrimaries } from "./readings.ts";

export const recordedRun: ServingReader = {
  name: "LLMServingSim's recorded runs",
  matches: ({ id }) => id.startsWith("llmservingsim-bench-"),
  read(row) {
    const { system, workload, plan } = row;
    const machine = machineNamed(textOf(system.accelerator));
    const tensor = countOf(plan, "tp");
    const served = servedModel(textOf(workload.model), textOf(workload.precision));
    if (machine === undefined || tensor === undefined) return { skip: "machine or layout not stated" };
    if ("skip" in served) return served;
    const engine = servedEngine("vllm", textOf(system.engine_version), "");
    if ("skip" in engine) return engine;
    const draft = {
      use: "judge" as const,
      cluster: clusterOf(machine, tensor),
      workload: {
        kind: "serving",
        model: served.model,
        requests: { trace: `traces/${row.id}.jsonl`, format: "plain" },
      },
      serving: {
        engine: {
          name: engine.name,
          version: engine.version,
          maxBatchedTokens: countOf(workload, "max_num_batched_tokens"),
          maxSequences: countOf(workload, "max_num_seqs"),
          blockTokens: countOf(workload, "block_size"),
        },
        replicas: 1,
        tensor,
      },
      assumptions: [
        assume(
          "workload.requests.prefix",
          "nothing shared",
          "the trace has no content; 8 % of the prompt tokens were cached",
        ),
      ],
    };
    const { entries, unconverted } = readingsOf(row);
    return { draft, readings: { measured: withPrimaries(entries), unconverted } };
  },
};
