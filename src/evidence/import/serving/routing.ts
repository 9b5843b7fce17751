/**
 * llm-d's routing experiment (73 % of the fleet's cache): eight replicas, one list of rising rates, four policies. What is
 * left over from one stage is served in the next.
 */

import type { Measured, Section } from "../../record.ts";
import { assume } from "../converter.ts";
import { countOf, type RawRow, textOf } from "../raw.ts";
import { servedEngine } from "./engine.ts";
import type { ServingReader } from "./reader.ts";
import { metricOf, valueText } from "./readings.ts";

/** Rates and durations as the experiment's configuration has them; the first is a warm-up. @source llmd-benchmark-73 */
const stages: readonly (readonly [rate: number, duration: number])[] = [
  [15, 50],
  [3, 20],
  [10, 20],
  [15, 20],
  [20, 38],
  [22, 34],
  [25, 30],
  [30, 25],
  [35, 21],
  [40, 38],
  [43, 36],
  [46, 33],
  [49, 30],
  [52, 29],
  [55, 27],
  [57, 26],
  [60, 25],
];

/** The endpoint picker's configuration of each run. @source llmd-benchmark-73 */
const routers: Readonly<Record<string, Section>> = {
  precise: { policy: "llm-d-weighted", options: { index: "events", prefix: 3, kv: 2, queue: 2 } },
  estimated: {
    policy: "llm-d-weighted",
    options: { index: "routed", prefix: 1, kv: 1, queue: 1, memory: 31_250, lookedAt: 256 },
  },
  load: { policy: "llm-d-weighted", options: { prefix: 0, kv: 1, queue: 1 } },
  random: { policy: "random" },
};

const blockTokens = 16;

export const routingExperiment: ServingReader = {
  name: "llm-d routing experiment 73",
  matches: ({ id }) => id.startsWith("llmd-routing73-"),
  read(row) {
    const { workload, system, plan } = row;
    const policy = textOf(plan.routing).replace(/-scheduling$/, "");
    const router = routers[policy];
    const pods = countOf(system, "pods");
    const tensor = countOf(system, "gpus_per_pod");
    const tokens = countOf(workload, "kv_tokens_per_pod");
    if (router === undefined || pods === undefined || tensor === undefined || tokens === undefined) {
      return { skip: "policy or replicas not stated" };
    }
    const engine = servedEngine("vllm", "", "2025-10");
    if ("skip" in engine) return engine;
    const { measured, unconverted } = pointsOf(row);
    const draft = {
      use: "judge" as const,
      cluster: { node: "hgx-h100", nodes: Math.ceil((pods * tensor) / 8) },
      workload: {
        kind: "serving",
        model: textOf(workload.model),
        requests: {
          arrivals: "poisson",
          stages: stages.map(([rate, duration]) => ({ rate: `${rate} /s`, duration: `${duration} s` })),
          prefix: { groups: 150, promptsPerGroup: 5, tokens: 6000, order: "in-turn" },
          input: 1200,
          output: 1000,
        },
      },
      serving: {
        engine: { name: "vllm", version: engine.version, cacheBlocks: Math.floor(tokens / blockTokens) },
        replicas: pods,
        tensor,
        router: { ...router, scrapeInterval: "50 ms", eventDelay: "50 ms" },
      },
      inferred: engine.inferred,
      assumptions: [
        ...engine.assumptions,
        assume("serving.router.scrapeInterval", "50 ms", "the endpoint picker's default"),
        assume("serving.router.eventDelay", "50 ms", "not stated"),
      ],
    };
    return { draft, readings: { measured, unconverted } };
  },
};

/** `ttft_p90@qps_20` is of the stage with that rate; of two with one rate it is the later, after the warm-up. */
function pointsOf({ measured }: RawRow) {
  const found: Measured[] = [];
  const unconverted: { metric: string; reason: string }[] = [];
  for (const { metric: name, value, unit } of measured) {
    const [head = "", place = ""] = name.split("@");
    const metric = metricOf(head);
    const stage = stages.findLastIndex(([rate]) => place === `qps_${rate}`);
    if (metric === undefined || (stage < 0 && place !== "all_stages")) {
      unconverted.push({ metric: name, reason: "no stage of this rate" });
      continue;
    }
    const primary = stage >= 0 && /\.mean$/.test(metric);
    found.push({ metric, value: valueText(head, value, unit), primary, ...(stage < 0 ? {} : { at: { stage } }) });
  }
  return { measured: found, unconverted };
}
