/**
 * llm-d's routing experiment (73 % of the fleet's cache): eight replicas, one list of rising rates, four policies.
 *
 * The load generator, inference-perf, waits for the answers of a stage before it begins the next, so there are pauses
 * between the stages, and caches alone are carried on: after a warm-up of 15 requests a second that random routing falls
 * behind at, the stage of 3 a second shows a time to first token of 0.8 s. It keeps at most 100 requests under way in
 * each worker process. With eight of these, 800, what waits and runs at the 90th percentile agrees (67 waiting requests
 * a pod under load routing, 63 under random), and so do the tokens per second of the heavy stages.
 *
 * A token comes as two events: the median gap is 0, and other runs of the tool (BLIS) report half the time per token for
 * the empty chunks that it counts. That the mean gap is half the time of a token shows in how long
 * stages drain: 760 answers of 1,000 tokens at 20 a second take 83 s, 45 s more than they arrive in, and 1,000 gaps of
 * the stated 21 ms are 21 s.
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
/** Answers, in tokens; requests that all workers of the load generator keep under way. @source llmd-benchmark-73 */
const answer = 1000;
const underWay = 800;
/** Long enough for every answer of the heaviest stage. */
const pause = { rate: "0 /s", duration: "600 s" };

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
          stages: stages.flatMap(([rate, duration]) => [{ rate: `${rate} /s`, duration: `${duration} s` }, pause]),
          prefix: { groups: 150, promptsPerGroup: 5, tokens: 6000, order: "in-turn" },
          input: 1200,
          output: answer,
          concurrency: underWay,
        },
      },
      serving: {
        engine: { name: "vllm", version: engine.version, cacheBlocks: Math.floor(tokens / blockTokens) },
        replicas: pods,
        tensor,
        router: { ...router, scrapeInterval: "50 ms", eventDelay: "50 ms" },
      },
      inferred: [...engine.inferred, "workload.requests.concurrency"],
      assumptions: [
        ...engine.assumptions,
        assume(
          "workload.requests.concurrency",
          underWay,
          "100 a worker of the load generator; workers from what waits",
        ),
        assume("workload.requests.stages", "600 s of pause between", "the tool waits for the answers of a stage"),
        assume("serving.router.scrapeInterval", "50 ms", "the endpoint picker's default"),
        assume("serving.router.eventDelay", "50 ms", "not stated"),
      ],
    };
    return { draft, readings: { measured, unconverted } };
  },
};

/**
 * `ttft_p90@qps_20` is of the stage with that rate; of two with one rate it is the later, after the warm-up. Answers are
 * alike, so the mean time per token is the mean gap between events, so often as a token has events.
 */
function pointsOf({ measured }: RawRow) {
  const found: Measured[] = [];
  const unconverted: { metric: string; reason: string }[] = [];
  for (const { metric: name, value, unit } of measured) {
    const [head = "", place = ""] = name.split("@");
    const metric = metricOf(head === "itl_mean" ? "tpot_mean" : head);
    const index = stages.findLastIndex(([rate]) => place === `qps_${rate}`);
    if (metric === undefined || index < 0) {
      unconverted.push({ metric: name, reason: "of all stages and the time between them" });
      continue;
    }
    const at = { stage: stride * index };
    const scaled = head === "itl_mean" ? eventsPerToken * Number(value) : value;
    found.push({ metric, value: valueText(head, scaled, unit), primary: /\.mean$/.test(metric), at });
  }
  return { measured: found, unconverted };
}

const eventsPerToken = 2;

/** A stage and its pause. */
const stride = 2;
