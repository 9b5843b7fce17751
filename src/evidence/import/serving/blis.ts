/**
 * BLIS: vLLM 0.15.1 under inference-perf at constant rates, recorded stage by stage. `blis-train` are its training runs:
 * those that keep up are what Windtunnel's serving constants may be fitted on, those that do not judge the verdict.
 * `blis-gt` are other models under other profiles, and judge.
 *
 * Prompts come in one shuffled order over and over, behind a system prompt for each group; so most of a prompt is found
 * in the cache from its second time on.
 */

import type { Assumption, Measured } from "../../record.ts";
import { assume } from "../converter.ts";
import { countOf, measuredOf, numberOf, type RawRow, textOf } from "../raw.ts";
import { clusterOf, machineNamed } from "./machine.ts";
import { servedModel } from "./models.ts";
import type { ServingReader } from "./reader.ts";
import { readingsOf, withPrimaries } from "./readings.ts";

interface Profile {
  /** Prompt tokens: nominal as configured, real as counted in the training runs of the same profile. */
  readonly input: number;
  /** Tokens asked for; end-of-sequence is ignored. */
  readonly output: number;
}

const profiles: Readonly<Record<string, Profile>> = {
  general: { input: 574, output: 248 },
  codegen: { input: 592, output: 247 },
  roleplay: { input: 786, output: 251 },
  reasoning: { input: 1081, output: 1448 },
};

/** Ten groups of ten prompts: inference-perf's defaults, which the training runs kept. */
const trainedPrompts = { groups: 10, promptsPerGroup: 10 };

export const blis: ServingReader = {
  name: "BLIS",
  matches: ({ id }) => /^blis-(train|gt)-/.test(id),
  read(row) {
    const { system, workload, plan } = row;
    const machine = machineNamed(textOf(system.accelerator));
    const profile = profiles[textOf(workload.profile).replace(/-lite$/, "")];
    const served = servedModel(textOf(workload.hf_model), textOf(workload.precision));
    const [tensor, count, rate] = [countOf(plan, "tp"), countOf(workload, "requests"), numberOf(workload.rate_rps)];
    if (machine === undefined || profile === undefined || tensor === undefined) return { skip: "not fully stated" };
    if (count === undefined || rate === undefined) return { skip: "rate or number of requests not stated" };
    if ("skip" in served) return served;
    const training = row.id.startsWith("blis-train-");
    const overloaded = (measuredOf(row, "failures") ?? 0) > 0;
    const system100 = countOf(workload, "system_prompt_tokens") ?? 0;
    const input = Math.round(numberOf(workload.input_tokens_mean) ?? profile.input);
    const distinct = countOf(workload, "distinct_prompts_nominal") ?? 1;
    const prompts = training ? trainedPrompts : { groups: 1, promptsPerGroup: distinct };
    const draft = {
      use: training && !overloaded ? ("fit" as const) : ("judge" as const),
      cluster: clusterOf(machine, tensor),
      workload: {
        kind: "serving",
        model: served.model,
        requests: {
          arrivals: "constant",
          rate: `${rate} /s`,
          count,
          input: input - system100,
          output: profile.output,
          prefix: { tokens: system100, ...prompts, order: "in-turn" },
          timeout: "300 s",
        },
      },
      serving: {
        engine: {
          name: "vllm",
          version: "0.15.1",
          maxBatchedTokens: countOf(plan, "max_num_batched_tokens"),
          maxSequences: countOf(plan, "max_num_seqs"),
          maxLength: countOf(plan, "max_model_len"),
          memoryUtilization: numberOf(plan.gpu_memory_utilization),
          ...(served.precision === undefined ? {} : { precision: served.precision }),
        },
        replicas: 1,
        tensor,
      },
      assumptions: [...served.assumptions, ...assumptionsOf(row, training)],
    };
    return { draft, readings: overloaded ? overloadReadings(row) : lightReadings(row, profile, training) };
  },
};

function assumptionsOf({ plan }: RawRow, training: boolean): readonly Assumption[] {
  const prompts = training
    ? "inference-perf's defaults, which the run's configuration shows; hits themselves are not published"
    : "distinct prompts of the profile; how they are grouped changes only their first time";
  return [
    assume("workload.requests.prefix", "repeated prompts, prefix caching on", prompts),
    assume(
      "workload.requests.output",
      "as asked",
      "end-of-sequence is ignored; the client's own count varies by tokenizer",
    ),
    ...(training
      ? []
      : [
          assume("workload.requests.input", "as in training runs", "real prompts of a profile are 5 % above nominal"),
          assume("serving.engine.maxSequences", "128", "that of the training runs"),
        ]),
    ...(plan.cpu_kv_offload === true
      ? [
          assume(
            "serving.cache.tiers",
            "none",
            "offload to host memory was on; its size is not stated, and nothing overflows",
          ),
        ]
      : []),
  ];
}

/** Client counts further from what was asked than this are a tokenizer's. */
const countTolerance = 0.05;

function lightReadings(row: RawRow, profile: Profile, training: boolean) {
  const { entries, unconverted } = readingsOf(row);
  if (!training) return { measured: withPrimaries(entries), unconverted };
  const counted = numberOf(row.workload.output_tokens_mean) ?? profile.output;
  if (Math.abs(counted / profile.output - 1) <= countTolerance)
    return { measured: withPrimaries(entries), unconverted };
  const reason = "over the client's count of tokens, which its tokenizer halves or merges";
  const own = /^(timePerOutputToken\.mean|outputTokensPerSecond)$/;
  const kept = entries.filter(({ metric }) => !own.test(metric));
  const [whole, first] = [measuredOf(row, "e2e_mean"), measuredOf(row, "ttft_mean")];
  const perToken =
    whole === undefined || first === undefined
      ? []
      : [{ metric: "timePerOutputToken.mean", value: `${((whole - first) / (profile.output - 1)).toFixed(4)} ms` }];
  return {
    measured: withPrimaries([...kept, ...perToken]),
    unconverted: [
      ...unconverted,
      ...["tpot_mean_derived", "output_tokens_per_s"].map((metric) => ({ metric, reason })),
    ],
  };
}

/** Latencies of an overloaded run say how long it was and when clients gave up. */
function overloadReadings(row: RawRow) {
  const { entries, unconverted } = readingsOf(row);
  const reason = "of an overloaded run: depends on its length and on the time-out";
  const rates = entries.filter(({ metric }) => metric === "requestsPerSecond");
  const measured: Measured[] = [
    { metric: "verdict", value: "overloaded", primary: true },
    ...rates.map((entry) => ({ ...entry, primary: true })),
  ];
  const others = entries.filter(({ metric }) => metric !== "requestsPerSecond");
  return { measured, unconverted: [...unconverted, ...others.map(({ metric }) => ({ metric, reason }))] };
}
