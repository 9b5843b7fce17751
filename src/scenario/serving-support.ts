/**
 * Serving in the support matrix: what the language has and the simulation runs, and what it refuses. A row whose
 * `modelled` is empty refuses its key; filling it in is all that modelling a thing asks of this file.
 */

import { openConfigurationKey } from "./open-configuration.ts";
import type { Scenario } from "./schema/parse.ts";
import type { ServingWorkloadText, WorkloadKind } from "./schema/workload.ts";
import type { SupportRow } from "./support-row.ts";

const modelled: readonly WorkloadKind[] = ["serving"];
const refused: readonly WorkloadKind[] = [];

/** The path of what `find` sees in the requests. */
const inRequests =
  (find: (requests: ServingWorkloadText["requests"]) => string | undefined) =>
  ({ workload }: Scenario): string | undefined => {
    const text = workload?.kind === "serving" ? (workload as ServingWorkloadText) : undefined;
    const key = text === undefined ? undefined : find(text.requests);
    return key === undefined ? undefined : `workload.requests.${key}`;
  };

/** The path of the speculation of a pool that has pipeline stages. */
function draftedInStages({ serving }: Scenario): string | undefined {
  if (serving === undefined) return undefined;
  const { engine, pipeline = 1, pools = {} } = serving;
  for (const [name, pool] of Object.entries(pools)) {
    if ((pool.pipeline ?? pipeline) === 1) continue;
    if (pool.engine?.speculation !== undefined) return `serving.pools.${name}.engine.speculation`;
    if (engine?.speculation !== undefined) return "serving.engine.speculation";
  }
  if (serving.pools !== undefined || pipeline === 1) return undefined;
  return engine?.speculation === undefined ? undefined : "serving.engine.speculation";
}

const when = (condition: boolean, key: string): string | undefined => (condition ? key : undefined);

export const servingRows: readonly SupportRow[] = [
  { key: "workload.requests", feature: "traces, arrivals, users, batches, sessions, classes", modelled },
  {
    key: "workload.requests.rate, serving.replicas: auto",
    feature: "the largest rate or the fewest replicas that keep the targets, by windtunnel search",
    modelled: refused,
    asked: "is open, and one prediction has one fleet under one load",
    why: "windtunnel search finds it, and writes a configuration with -o best.yaml; or write a value",
    used: (scenario) => {
      const pools = Object.entries(scenario.serving?.pools ?? {});
      const pool = pools.find(([, { replicas }]) => replicas === "auto");
      return (
        inRequests(({ rate }) => when(rate?.auto === true, "rate"))(scenario) ??
        when(scenario.serving?.replicas === "auto", "serving.replicas") ??
        (pool === undefined ? openConfigurationKey(scenario) : `serving.pools.${pool[0]}.replicas`)
      );
    },
  },
  { key: "workload.slo", feature: "latency targets, of all requests and of classes", modelled },
  { key: "workload.requests.adapters", feature: "requests for adapters (LoRA) that all have a slot", modelled },
  { key: "serving.engine: vllm", feature: "the scheduler of vLLM 0.8 and newer", modelled },
  { key: "serving.engine: sglang", feature: "the scheduler of SGLang", modelled },
  { key: "serving.engine: tensorrt-llm", feature: "the scheduler of TensorRT-LLM", modelled },
  { key: "serving.engine.steps", feature: "measured tables of layer times", modelled },
  {
    key: "serving.engine.speculation",
    feature: "drafted tokens: mtp, eagle, draft-model, ngram, in a chain",
    modelled,
  },
  {
    key: "serving.engine.speculation with pipeline",
    feature: "drafted tokens over pipeline stages",
    modelled: refused,
    why: "where drafting then waits is not modelled; pipeline: 1",
    used: draftedInStages,
  },
  { key: "serving.engine.adapterSlots, adapterRank", feature: "resident adapters of dense models", modelled },
  { key: "serving.engine.expertKernels", feature: "kernels of routed experts by name", modelled },
  { key: "serving.pools", feature: "pools of replicas on different hardware", modelled },
  { key: "serving.pools: prefill, decode", feature: "prefill and decode apart, and the hand-over", modelled },
  { key: "serving.cache.tiers", feature: "tiers below the accelerators' memory", modelled },
  { key: "serving.cache.pin, peers", feature: "pinned sessions, blocks from other replicas", modelled },
  { key: "serving.router", feature: "routing policies with dated signals", modelled },
  { key: "serving.admission", feature: "admission before the router", modelled },
  { key: "serving.autoscaler", feature: "replicas that come and go", modelled },
  { key: "serving.failures", feature: "replicas that are lost, listed or at random", modelled },
];
