/**
 * What combines with what today. Everything the language accepts is either modelled or refused here by name; nothing
 * is accepted and ignored. `windtunnel support` prints this table.
 */

import type { Problem } from "../base/problem.ts";
import type { Scenario } from "./schema/parse.ts";
import { studyKeys } from "./schema/study.ts";
import { type ObjectiveText, type TrainingText, type WorkloadKind, workloadKinds } from "./schema/workload.ts";
import { servingRows } from "./serving-support.ts";
import type { SupportRow } from "./support-row.ts";

export type { SupportRow } from "./support-row.ts";

const section =
  (key: keyof Scenario) =>
  (scenario: Scenario): string | undefined =>
    scenario[key] === undefined ? undefined : key;

/** The objective of a training workload as an object. */
function objectiveOf(workload: Scenario["workload"]): ObjectiveText | undefined {
  if (workload?.kind !== "training") return undefined;
  const { objective } = workload as TrainingText;
  return typeof objective === "string" ? { method: objective } : objective;
}

/** The first place of a layout that only a search can answer. */
function openKeyOf(layout: Scenario["layout"]): string | undefined {
  if (layout === "auto") return "layout";
  const [key] = Object.keys(layout?.open ?? {});
  return key === undefined ? undefined : `layout.${key}`;
}

const training: readonly WorkloadKind[] = ["training"];
/** Kinds that run on a single kind of node, over the network. */
const network: readonly WorkloadKind[] = ["collective", "traffic"];
const serving: readonly WorkloadKind[] = ["serving"];
/** Kinds that may run on pools of different hardware. */
const pooled: readonly WorkloadKind[] = [...training, ...serving];
const all: readonly WorkloadKind[] = [...pooled, ...network];

const kindRows: readonly SupportRow[] = workloadKinds.map((kind) => ({
  key: `workload.kind: ${kind}`,
  feature: `workloads of kind ${kind}`,
  modelled: all.filter((each) => each === kind),
  ...(all.includes(kind) ? {} : { why: `modelled today: ${all.join(", ")}` }),
  used: (scenario) => (scenario.workload?.kind === kind ? "workload.kind" : undefined),
}));

const otherRows: readonly SupportRow[] = [
  { key: "cluster.node", feature: "one kind of node, by name or inline", modelled: all },
  {
    key: "cluster.pools",
    feature: "several pools of nodes",
    modelled: pooled,
    why: "write node and nodes, or a single pool",
    used: ({ cluster }) => ((cluster.pools?.length ?? 0) > 1 ? "cluster.pools" : undefined),
  },
  {
    key: "cluster.between",
    feature: "a slower link between pools",
    modelled: training,
    why: "remove it",
    used: ({ cluster }) => (cluster.between === undefined ? undefined : "cluster.between"),
  },
  { key: "cluster.fabric", feature: "fabric, by name or inline: fat-tree, rail-optimised", modelled: all },
  {
    key: "cluster.fabric.topology",
    feature: "rail-only, dual-plane, dragonfly, torus-2d, torus-3d, direct",
    modelled: all,
  },
  {
    key: "cluster.fabric.topology: torus",
    feature: "inline fabrics that join slices whose inside is a torus",
    modelled: [],
    why: "write torus-2d or torus-3d, or name a fabric of the catalog",
    used: ({ cluster: { fabric } }) =>
      typeof fabric === "object" && fabric.topology === "torus" ? "cluster.fabric.topology" : undefined,
  },
  {
    key: "cluster.fabric.routing, failures, buildings",
    feature: "ways through the fabric, what is down, nodes in several buildings",
    modelled: all,
  },
  {
    key: "workloads",
    feature: "several training jobs on one cluster, on nodes of their own",
    modelled: training,
  },
  { key: "workload.lengths", feature: "distributions of sequence lengths, packing, balancers", modelled: training },
  { key: "workload.precision", feature: "precision recipes", modelled: training },
  { key: "workload.tuning", feature: "full tuning, adapters, frozen layers", modelled: training },
  {
    key: "workload.tuning.method: dora",
    feature: "adapters with learned magnitudes",
    modelled: [],
    why: "norms of the adapted weights are not counted; lora is modelled",
    used: ({ workload }) => {
      const tuning = workload?.kind === "training" ? (workload as TrainingText).tuning : undefined;
      return typeof tuning === "object" && tuning.method === "dora" ? "workload.tuning.method" : undefined;
    },
  },
  {
    key: "workload.objective",
    feature: "next token, preference pairs with a reference, reward models, distillation",
    modelled: training,
  },
  {
    key: "workload.objective: ppo, grpo",
    feature: "objectives that generate their sequences",
    modelled: [],
    why: "generation is no part of a training step; dpo, kto, orpo, simpo and reward are modelled",
    used: ({ workload }) => {
      const method = objectiveOf(workload)?.method;
      return method === "ppo" || method === "grpo" ? "workload.objective" : undefined;
    },
  },
  {
    key: "workload.objective.reference: offloaded",
    feature: "a reference model in host memory",
    modelled: [],
    why: "weights of a reference in host memory are not modelled; write resident, or precomputed",
    used: ({ workload }) =>
      objectiveOf(workload)?.reference === "offloaded" ? "workload.objective.reference" : undefined,
  },
  { key: "workload.multiTokenPrediction", feature: "multi-token prediction modules", modelled: training },
  { key: "workload.routing", feature: "balanced and natural loads of experts", modelled: training },
  { key: "workload.highPrecisionLayers", feature: "layers kept in bf16", modelled: training },
  {
    key: "layout",
    feature: "degrees, schedule, recompute, sharding",
    modelled: training,
    why: "a layout belongs to training",
    used: section("layout"),
  },
  { key: "layout.pools", feature: "a job over pools, by pipeline stages or by replicas", modelled: training },
  { key: "layout.balance", feature: "layers or the batch split evenly or balanced over pools", modelled: training },
  {
    key: "layout.schedule",
    feature: "gpipe, 1f1b, interleaved, zero-bubble-h1, -h2 and -v, v-half, v-min, dualpipe, dualpipe-v",
    modelled: training,
  },
  {
    key: "layout.stageLayers",
    feature: "layers of each stage, as a list or Megatron's layout text",
    modelled: training,
  },
  {
    key: "layout: auto",
    feature: "a prediction of a layout that is still open",
    modelled: [],
    asked: "is open, and one prediction has one layout",
    why: "windtunnel search finds the fastest, and writes it with -o best.yaml; or write the degrees",
    used: ({ layout }) => openKeyOf(layout),
  },
  {
    key: "software",
    feature: "training stacks, by name or inline",
    modelled: training,
    why: "profiles describe training stacks",
    used: section("software"),
  },
  { key: "economics", feature: "prices", modelled: pooled, used: section("economics") },
  {
    key: "flopConvention",
    feature: "conventions of FLOP counting",
    modelled: training,
    used: section("flopConvention"),
  },
  { key: "stragglers", feature: "slow ranks, nodes and stages", modelled: training, used: section("stragglers") },
  { key: "jitter", feature: "ranks that finish at different times", modelled: training, used: section("jitter") },
  {
    key: "reliability",
    feature: "failures, checkpoints, restarts, spares",
    modelled: training,
    why: "it belongs to training; failures of serving are serving.failures",
    used: section("reliability"),
  },
  {
    key: "storage",
    feature: "the store that keeps checkpoints",
    modelled: training,
    why: "it belongs to training",
    used: section("storage"),
  },
  {
    key: "serving",
    feature: "engine, pools, cache, router",
    modelled: serving,
    why: "it belongs to serving",
    used: section("serving"),
  },
  { key: "vary", feature: "studies: fields and their values, by windtunnel sweep", modelled: all },
  { key: "sampling", feature: "studies: grid, random, latin-hypercube, evolutionary", modelled: all },
  { key: "objective", feature: "studies: best points, Pareto fronts", modelled: all },
  {
    key: "constraints",
    feature: "limits on metrics: of a study, or how probable one prediction keeps them",
    modelled: all,
  },
];

/** The matrix: one row a key, in the order of the language. */
export const supportMatrix: readonly SupportRow[] = Object.freeze([...kindRows, ...otherRows, ...servingRows]);

/** Problems of a scenario that uses what is not modelled for its kind; empty where all is modelled. */
export function refusals(scenario: Scenario): Problem[] {
  const { workloads, workload: _, layout: __, software: ___, ...rest } = scenario;
  const each = (workloads ?? []).flatMap(({ workload, layout, software }, index) => {
    const own = { cluster: scenario.cluster, workload, layout, software };
    const alone = { windtunnel: 1, name: "", ...own } as unknown as Scenario;
    return refusalsOf(alone).map((problem): Problem => ({ ...problem, path: `workloads[${index}].${problem.path}` }));
  });
  return [...studyProblems(scenario), ...refusalsOf(workloads === undefined ? scenario : (rest as Scenario)), ...each];
}

/**
 * A study is many scenarios: what asks about one cannot answer it. Said once, at the first of its keys. Limits alone make
 * no study: one prediction has a probability of keeping them.
 */
function studyProblems(scenario: Scenario): Problem[] {
  const path = studyKeys.find((key) => key !== "constraints" && scenario[key] !== undefined);
  if (path === undefined) return [];
  const message = "this makes a study of many scenarios, and one is asked about here";
  return [{ path, message, hint: "run it with windtunnel sweep, or remove vary, sampling and objective" }];
}

function refusalsOf(scenario: Scenario): Problem[] {
  const kind = scenario.workload?.kind;
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const row of supportMatrix) {
    const path = row.used?.(scenario);
    // Without a kind (several workloads) only what no kind has is refused beside `workloads` itself.
    const modelled = kind === undefined ? row.modelled.length > 0 : row.modelled.includes(kind);
    if (path === undefined || seen.has(path) || modelled) continue;
    seen.add(path);
    const subject = row.key.startsWith("workload.kind") ? `kind ${kind}` : row.feature;
    const refused = row.modelled.length > 0 ? `not with kind ${kind}` : "not modelled yet";
    const message = row.asked ?? `${subject}: ${refused}`;
    problems.push({ path, message, ...(row.why === undefined ? {} : { hint: row.why }) });
  }
  return problems;
}
