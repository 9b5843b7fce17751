/**
 * Gaps between tokens while all streams decode at about their full context (fleet-sim, B200). A run that starts together
 * spends most of its tokens so: the median gap is that of the window.
 */

import { assume } from "../converter.ts";
import { countOf, measuredOf, textOf } from "../raw.ts";
import { servedEngine } from "./engine.ts";
import { clusterOf, machineNamed } from "./machine.ts";
import { servedModel } from "./models.ts";
import type { ServingReader } from "./reader.ts";
import { readingsOf } from "./readings.ts";

/** Tokens of an answer, where the row's text does not say. */
const usualOutput = 512;

export const decodeWindow: ServingReader = {
  name: "decode window",
  matches: ({ id }) => id.startsWith("fleet-sim-"),
  read(row) {
    const { system, workload, plan } = row;
    const machine = machineNamed(textOf(system.accelerator));
    const [context, concurrency, tensor] = [
      countOf(workload, "context_tokens"),
      countOf(workload, "concurrency"),
      countOf(plan, "tp"),
    ];
    const gap = measuredOf(row, "tpot_derived");
    if (machine === undefined || context === undefined || concurrency === undefined || tensor === undefined) {
      return { skip: "load or layout not stated" };
    }
    if (gap === undefined) return { skip: "no gap between tokens" };
    const served = servedModel(textOf(workload.model), "bf16");
    if ("skip" in served) return served;
    const engine = servedEngine("vllm", "0.19.1", "");
    if ("skip" in engine) return engine;
    const output = Number(/output_len (\d+)/.exec(textOf(workload.output))?.[1] ?? usualOutput);
    const draft = {
      use: "judge" as const,
      cluster: clusterOf(machine, tensor),
      workload: {
        kind: "serving",
        model: served.model,
        requests: { count: concurrency, input: context - output, output },
      },
      serving: {
        engine: {
          name: engine.name,
          version: engine.version,
          maxSequences: Math.max(concurrency, usualOutput),
          prefixCaching: "off",
        },
        replicas: 1,
        tensor,
      },
      inferred: ["serving.engine.precision", "serving.engine.maxSequences"],
      assumptions: [
        assume("serving.engine.precision", "bf16", "not stated; the cache of this format just holds all streams"),
        assume("measured", "median gap", "the window has only decoding iterations, as most of this run's tokens have"),
      ],
    };
    const value = { metric: "interTokenLatency.p50", value: `${gap} ms`, primary: true };
    const { entries, unconverted } = readingsOf(row);
    const apart = entries.map(({ metric }) => ({ metric, reason: "the same gap" }));
    return { draft, readings: { measured: [value], unconverted: [...unconverted, ...apart] } };
  },
};
