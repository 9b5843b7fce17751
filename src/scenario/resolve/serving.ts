/** From a serving scenario to its design: model, pools of engines, requests, policies; everything looked up. */

import type { Cluster } from "../../catalog/cluster.ts";
import type { ModelArchitecture } from "../../catalog/model.ts";
import { isModelPath } from "../schema/names.ts";
import type { Scenario } from "../schema/parse.ts";
import type { LengthText, RequestsText, SloText } from "../schema/requests.ts";
import type { ServingText } from "../schema/serving.ts";
import type { EngineText } from "../schema/serving-engine.ts";
import type { ServingWorkloadText } from "../schema/workload.ts";
import type { PoolDesign, ServingDesign, Target } from "../serving/design.ts";
import { type Files, resolveModel } from "./model.ts";
import { emptyNotes, given, type Notes, problem, throwProblems } from "./notes.ts";
import { resolveHardware } from "./pools.ts";
import { resolvePrices } from "./prices.ts";
import { resolveRequests } from "./requests.ts";
import { checkAdapters } from "./serving-adapters.ts";
import { resolveCache, resolveDisaggregation, resolveFailures } from "./serving-cache.ts";
import { resolveAdmission, resolveAutoscaler, resolveRouter } from "./serving-policies.ts";
import { resolveServingPools } from "./serving-pools.ts";
import { stepFiles } from "./serving-steps.ts";

/**
 * The design of a serving scenario.
 * @throws ProblemError with every problem found: unknown names, impossible layouts, broken traces, missing keys.
 */
export function resolveServing(scenario: Scenario, workload: ServingWorkloadText, files: Files): ServingDesign {
  const notes = emptyNotes();
  const written = scenario.serving ?? {};
  const seed = scenario.seed ?? 0;
  const model = resolveModel(workload.model, files, notes);
  const hardware = resolveHardware(scenario.cluster, notes);
  const pools = model === undefined ? undefined : resolveServingPools(written, { model, hardware, files }, notes);
  const maxLength = Math.min(...(pools ?? []).map(({ engine }) => engine.maxLength));
  const requests = resolveRequests(workload.requests, { files, seed, maxLength }, notes);
  if (requests !== undefined && pools !== undefined) checkAdapters(requests, pools, notes);
  const slo = targetsOf(workload, notes);
  const sampling = model === undefined ? "plain" : resolveSampling(workload, model, notes);
  const rest = pools === undefined ? undefined : policiesOf(written, pools, notes);
  const prices = resolvePrices(scenario.economics, clustersOf(pools ?? []), notes);
  throwProblems(notes, scenario.places);
  if (model === undefined || pools === undefined || requests === undefined || rest === undefined) {
    throw new Error("a part is missing");
  }
  const { assumptions, warnings } = notes;
  return { name: scenario.name, seed, model, requests, sampling, slo, pools, ...rest, prices, assumptions, warnings };
}

/**
 * Families whose published generation_config.json asks for top-p, which servers take where a client sends nothing.
 * @source generation-configs
 */
const topPFamilies: ReadonlySet<string> = new Set(["llama", "llama4", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe"]);

function resolveSampling(
  { sampling }: ServingWorkloadText,
  model: ModelArchitecture,
  notes: Notes,
): ServingDesign["sampling"] {
  const own = topPFamilies.has(model.family) ? "top-p" : "plain";
  const reason =
    own === "top-p"
      ? "not given; what the model's generation_config.json asks for where clients send nothing"
      : "not given; no top-p is known in the model's generation_config.json";
  return given(notes, "workload.sampling", sampling, own, reason);
}

type Policies = Pick<ServingDesign, "disaggregation" | "cache" | "router" | "admission" | "autoscaler" | "failures">;

function policiesOf(written: ServingText, pools: readonly PoolDesign[], notes: Notes): Policies | undefined {
  const disaggregation = resolveDisaggregation(written, pools, notes);
  const cache = resolveCache(written, pools, notes);
  const entry = pools.filter(({ role }) => role !== "decode");
  const router = resolveRouter(
    written,
    entry.reduce((sum, { replicas }) => sum + replicas, 0),
    notes,
  );
  const failures = resolveFailures(written, pools, notes);
  const admission = resolveAdmission(written, notes);
  const autoscaler = resolveAutoscaler(written, pools, notes);
  if (router === undefined || admission === undefined) return undefined;
  return {
    ...(disaggregation === undefined ? {} : { disaggregation }),
    cache,
    router,
    admission,
    ...(autoscaler === undefined ? {} : { autoscaler }),
    failures,
  };
}

/** Clusters of the pools, each once. */
export function clustersOf(pools: readonly PoolDesign[]): readonly Cluster[] {
  return [...new Set(pools.map(({ cluster }) => cluster))];
}

/** Targets of all requests, then those of classes. */
function targetsOf({ slo, requests }: ServingWorkloadText, notes: Notes): readonly Target[] {
  const { classes = [] } = requests;
  const own = classes.flatMap(({ name, slo: of }, index) => {
    return targets(of, `workload.requests.classes[${index}].slo`, notes).map((target) => ({
      ...target,
      className: name,
    }));
  });
  return [...targets(slo, "workload.slo", notes), ...own];
}

function targets(slo: SloText | undefined, path: string, notes: Notes): Target[] {
  if (slo === undefined) return [];
  const found = Object.entries(slo).flatMap(([metric, limits]) => {
    return Object.entries(limits ?? {}).map(([statistic, most]) => ({ metric, statistic, most }) as Target);
  });
  if (found.length === 0) problem(notes, path, "no target", "e.g. slo: { timeToFirstToken: { p99: 1 s } }");
  return found;
}

/** Files that a serving scenario names. */
export function servingFiles(workload: ServingWorkloadText, serving: ServingText | undefined): readonly string[] {
  const { model, requests } = workload;
  const models = typeof model === "string" && isModelPath(model) ? [model] : [];
  const engines = [serving?.engine, ...Object.values(serving?.pools ?? {}).map(({ engine }) => engine)];
  return [...models, ...requestFiles(requests), ...engines.flatMap(engineFiles)];
}

function requestFiles(requests: RequestsText): readonly string[] {
  const { trace, lengths, input, output, prefix, session, classes = [] } = requests;
  const all = [input, output, prefix?.tokens, session?.turns, session?.input];
  const own = classes.flatMap((each) => [each.input, each.output]);
  return [trace, lengths, ...[...all, ...own].map(lengthFile)].filter((file) => file !== undefined);
}

function lengthFile(length: LengthText | undefined): string | undefined {
  return typeof length === "object" ? length.file : undefined;
}

function engineFiles(engine: EngineText | undefined): readonly string[] {
  const { acceptance, model } = engine?.speculation ?? {};
  const chances = typeof acceptance === "object" && "file" in acceptance ? [acceptance.file] : [];
  const models = model !== undefined && isModelPath(model) ? [model] : [];
  return [...stepFiles(engine?.steps), ...chances, ...models];
}
