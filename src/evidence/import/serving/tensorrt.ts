/**
 * TensorRT-LLM's performance overview: the most output tokens per second of an accelerator with all requests queued at
 * once. Every pair of lengths is a point of one record.
 */

import type { Measured, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import { countOf, numberOf, type RawRow, section, textOf } from "../raw.ts";
import { servedEngine } from "./engine.ts";
import { clusterOf, machineNamed } from "./machine.ts";
import { servedModel } from "./models.ts";
import type { ServingReader } from "./reader.ts";

/** Requests of a point by its output, for a pair that the table of requests does not name. */
const usualRequests = 3000;

export const tensorrtPerformance: ServingReader = {
  name: "TensorRT-LLM performance overview",
  matches: ({ id }) => id.startsWith("trtllm-perf-"),
  read(row) {
    const { system, workload } = row;
    const machine = machineNamed(textOf(system.accelerator));
    if (machine === undefined) return { skip: "the accelerator is not in the catalog" };
    const served = servedModel(textOf(workload.model), textOf(workload.precision));
    if ("skip" in served) return served;
    const layout = layoutOf(row);
    if (layout === undefined) return { skip: "layout not stated" };
    const engine = servedEngine("tensorrt-llm", "", "2026-01");
    if ("skip" in engine) return engine;
    const measured = pointsOf(row);
    const first = measured[0]?.at;
    if (first === undefined) return { skip: "no point with its lengths" };
    // The vendor's own checkpoints in 8 and 4 bit ask for a cache in 8 bit, and the engine follows them.
    const quantized = /llama/i.test(textOf(workload.model)) && /fp[48]/i.test(textOf(workload.precision));
    const draft = {
      use: "judge" as const,
      cluster: clusterOf(machine, countOf(system, "count") ?? 1),
      workload: { kind: "serving", model: served.model, requests: { ...first } },
      serving: {
        engine: {
          name: engine.name,
          version: engine.version,
          ...(served.precision === undefined ? {} : { precision: served.precision }),
          ...(quantized ? { cachePrecision: "fp8" } : {}),
          memoryUtilization: 0.95,
          chunkedPrefill: "on",
          prefixCaching: "off",
        },
        replicas: 1,
        ...layout,
      },
      inferred: [...engine.inferred, "serving.engine.maxSequences"],
      assumptions: [
        ...served.assumptions,
        ...engine.assumptions,
        ...(quantized
          ? [assume("serving.engine.cachePrecision", "fp8", "as the vendor's checkpoints are published")]
          : []),
        assume("serving.engine.maxSequences", "the engine's", "limits of the tool are not stated"),
        assume("serving.engine.chunkedPrefill", "on", "prompts are longer than an iteration holds"),
        assume("serving.engine.memoryUtilization", "0.95", "the table says up to 0.95 of the free memory"),
      ],
    };
    return { draft, readings: { measured, unconverted: [] } };
  },
};

/** `TP2`, `TP1,PP1`, or `DEP4`: attention data parallel 4 and expert parallel 4. */
function layoutOf({ plan }: RawRow): Section | undefined {
  const text = textOf(plan.parallelism);
  const both = Number(/^DEP(\d+)/.exec(text)?.[1] ?? 0);
  if (both > 0) return { tensor: 1, attentionData: both, expert: both };
  const tensor = Number(/^TP(\d+)/.exec(text)?.[1] ?? 0);
  return tensor > 0 ? { tensor } : undefined;
}

function pointsOf({ measured, workload }: RawRow): readonly Measured[] {
  const requests = section(workload.requests);
  return measured.flatMap(({ metric, value, extra }) => {
    const [input, output] = [countOf(extra, "isl"), countOf(extra, "osl")];
    if (metric !== "output_tokens_per_s_per_gpu" || input === undefined || output === undefined) return [];
    const count = numberOf(requests[`${input}/${output}`]) ?? usualRequests;
    const at = { input, output, count };
    return [{ metric: "outputTokensPerSecondPerAccelerator", value: `${value} tokens/s`, primary: true, at }];
  });
}
