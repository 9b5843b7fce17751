/**
 * MLPerf Inference v5.1: offline (all queries at once), server and interactive (Poisson queries under limits on latency).
 *
 * A submission is one system of equal replicas that share nothing but the queries, so one replica is run on its share of
 * them: a replica of several answers its part of the data set, or of the rate. Means of the data sets are public; how
 * lengths spread around them is taken to be exponential where answers end by themselves.
 */

import { exp } from "../../../base/math.ts";
import type { Section } from "../../record.ts";
import { assume, type Draft } from "../converter.ts";
import { countOf, measuredOf, numberOf, type RawRow, textOf } from "../raw.ts";
import { clusterOf, machineNamed, virtualised } from "./machine.ts";
import { engineOf, engineText } from "./mlperf-engine.ts";
import { servedModel } from "./models.ts";
import type { ServingReader } from "./reader.ts";
import { readingsOf, withPrimaries, withRates } from "./readings.ts";

interface DataSet {
  readonly model: RegExp;
  readonly samples: number;
  readonly input: number;
  /** Longest prompt that engines were built for, and longest answer. */
  readonly longest: number;
  readonly most: number;
  readonly spread: "ends-by-itself" | "fixed";
  /** Whether the mean prompt is public with the row; chosen by us where not. */
  readonly prompt: "stated" | "chosen";
}

const dataSets: readonly DataSet[] = [
  {
    model: /llama-2-70b/,
    samples: 24_576,
    input: 294,
    longest: 1024,
    most: 1024,
    spread: "ends-by-itself",
    prompt: "stated",
  },
  { model: /llama-3\.1-8b/, samples: 13_368, input: 778, longest: 2540, most: 128, spread: "fixed", prompt: "stated" },
  {
    model: /llama-3\.1-405b/,
    samples: 8313,
    input: 9500,
    longest: 20_000,
    most: 20_000,
    spread: "ends-by-itself",
    prompt: "stated",
  },
  {
    model: /mixtral-8x7b/,
    samples: 15_000,
    input: 210,
    longest: 2048,
    most: 1024,
    spread: "ends-by-itself",
    prompt: "chosen",
  },
  {
    model: /deepseek-r1/,
    samples: 4388,
    input: 800,
    longest: 3140,
    most: 20_000,
    spread: "ends-by-itself",
    prompt: "chosen",
  },
];

/** Layout and formats, or our choice where the submission's configuration is not in the row. */
interface Setup {
  readonly tensor: number;
  readonly pipeline: number;
  readonly expert: number;
  readonly attentionData: number;
  readonly precision: string;
  readonly inferred: readonly string[];
}

export const mlperf: ServingReader = {
  name: "MLPerf Inference v5.1",
  matches: ({ id }) => id.startsWith("mlperf-inf-"),
  read(row) {
    const { system, workload, plan } = row;
    const accelerator = textOf(system.accelerator);
    const machine = machineNamed(accelerator);
    if (machine === undefined) return { skip: `no node of the catalog has ${accelerator}` };
    const count = countOf(system, "count");
    const data = dataSets.find(({ model }) => model.test(textOf(workload.model)));
    if (count === undefined || data === undefined) return { skip: "accelerators or data set not stated" };
    const engine = engineOf(textOf(plan.engine));
    if ("skip" in engine) return engine;
    const setup = setupOf(row, accelerator);
    if ("skip" in setup) return setup;
    const served = servedModel(textOf(workload.model), setup.precision);
    if ("skip" in served) return served;
    const size = setup.tensor * setup.pipeline * setup.attentionData;
    const replicas = count / size;
    if (!Number.isInteger(replicas))
      return { skip: `${count} accelerators are no whole number of replicas of ${size}` };
    const set = engineText(row, engine, served.precision);
    const draft: Draft = {
      use: "judge",
      cluster: clusterOf(machine, size),
      workload: { kind: "serving", model: served.model, requests: requestsOf(row, data, replicas) },
      serving: { engine: set.engine, ...layoutText(setup) },
      inferred: [
        ...(data.prompt === "chosen" ? ["workload.requests.input"] : []),
        ...setup.inferred,
        ...engine.inferred.filter(() => engine.name === "vllm"),
      ],
      assumptions: [
        ...served.assumptions,
        ...engine.assumptions,
        ...set.assumptions,
        ...virtualised(accelerator),
        assume("serving.replicas", `1 of ${replicas}`, "equal replicas share nothing but the queries"),
        assume("workload.requests.input", data.input, "mean of the data set; how prompts spread is not stated"),
        assume(
          "workload.requests.output",
          "mean of the run's log",
          `${data.spread === "fixed" ? "all alike" : "exponential"}`,
        ),
      ],
    };
    return { draft, readings: readings(row, { count, replicas }) };
  },
};

function setupOf({ plan, workload }: RawRow, accelerator: string): Setup | { readonly skip: string } {
  const [tensor, pipeline] = [countOf(plan, "tp"), countOf(plan, "pp")];
  const precision = textOf(plan.precision);
  if (tensor !== undefined && pipeline !== undefined && precision !== "") {
    const expert = countOf(plan, "ep") ?? 1;
    // Sequences are stated for an accelerator, and latent caches cannot be cut by heads: attention is data-parallel.
    const apart = /deepseek/.test(textOf(workload.model)) && tensor === expert && tensor > 1;
    if (!apart) return { tensor, pipeline, expert, attentionData: 1, precision, inferred: [] };
    const inferred = ["serving.attentionData"];
    return { tensor: 1, pipeline, expert, attentionData: tensor, precision, inferred };
  }
  const large = /405b|deepseek/.test(textOf(workload.model));
  if (large) return { skip: "layout of the replicas not stated" };
  const small = /8b$/.test(textOf(workload.model)) && !/8x7b/.test(textOf(workload.model));
  const inferred = ["serving.tensor", "serving.engine.precision"];
  const tight = !small && /h100|rtx|l40s/i.test(accelerator);
  return { tensor: tight ? 2 : 1, pipeline: 1, expert: 1, attentionData: 1, precision: "fp8", inferred };
}

function layoutText({ tensor, pipeline, expert, attentionData }: Setup): Section {
  return {
    replicas: 1,
    tensor,
    ...(pipeline > 1 ? { pipeline } : {}),
    ...(expert > 1 ? { expert } : {}),
    ...(attentionData > 1 ? { attentionData } : {}),
  };
}

/** A rate is run as long as the benchmark's least duration, within so many queries: a queue has then filled. */
const leastDuration = 600;
const queriesLeast = 500;
const queriesMost = 20_000;

function requestsOf(row: RawRow, data: DataSet, replicas: number): Section {
  const { workload } = row;
  const output = numberOf(workload.mean_output_tokens_from_log) ?? data.most;
  const lengths = {
    input: data.spread === "fixed" || data.input > 1024 ? data.input : cutExponential(data.input, data.longest),
    output: data.spread === "fixed" ? Math.round(output) : cutExponential(output, data.most),
  };
  if (workload.scenario === "Offline") return { count: Math.ceil(offlineQueries(row, data) / replicas), ...lengths };
  const rate = (numberOf(workload.target_qps) ?? 0) / replicas;
  const count = Math.min(queriesMost, Math.max(queriesLeast, Math.ceil(rate * leastDuration)));
  return { arrivals: "poisson", rate: `${Number(rate.toPrecision(6))} /s`, count, ...lengths };
}

/** Exponential lengths that have this mean once the longest are cut: m (1 - exp(-most / m)) = mean. */
function cutExponential(mean: number, most: number): Section {
  let drawn = mean;
  for (let round = 0; round < 50; round++) drawn = mean / (1 - exp(-most / drawn));
  return { exponential: Math.round(drawn), most };
}

/** Sequences of all accelerators times so many queries: the end of a run, when batches empty, is then a small part of it. */
const roundsMost = 5;

/**
 * Queries of an offline run: all come at once, so the 99th percentile of their latencies is 0.99 of the run, and the data
 * set was sent so often as the rate says.
 */
function offlineQueries(row: RawRow, { samples }: DataSet): number {
  const [rate, last] = [measuredOf(row, "requests_per_s"), measuredOf(row, "e2e_p99")];
  const sequences = countOf(row.plan, "batch_per_gpu");
  if (rate === undefined || last === undefined) return samples;
  const sent = Math.max(1, Math.round((rate * last) / msPerSecond / 0.99 / samples)) * samples;
  const enough = roundsMost * (sequences ?? usualSequences) * (countOf(row.system, "count") ?? 1);
  return Math.max(samples, Math.min(sent, enough));
}

/** Sequences of an accelerator where the submission does not state them. @source mlperf-inference-5.1 */
const usualSequences = 1024;
const msPerSecond = 1000;

function readings(row: RawRow, { count, replicas }: { readonly count: number; readonly replicas: number }) {
  const { entries, unconverted } = readingsOf(row);
  const tokens = measuredOf(row, "output_tokens_per_s");
  const requests = measuredOf(row, "requests_per_s");
  const latencies = entries.filter(({ metric }) => metric.includes("."));
  const shares = [
    ...(tokens === undefined
      ? []
      : [
          {
            metric: "outputTokensPerSecondPerAccelerator",
            value: `${Number((tokens / count).toPrecision(8))} tokens/s`,
          },
        ]),
    ...(requests === undefined
      ? []
      : [{ metric: "requestsPerSecond", value: `${Number((requests / replicas).toPrecision(8))} /s` }]),
  ];
  if (row.kind === "serving-throughput") {
    const reason = "all queries at once: the time in the queue";
    const apart = latencies.map(({ metric }) => ({ metric, reason }));
    return { measured: withRates(shares), unconverted: [...unconverted, ...apart] };
  }
  const measured = withPrimaries(latencies);
  return { measured: [...measured, ...shares.map((entry) => ({ ...entry, primary: false }))], unconverted };
}
