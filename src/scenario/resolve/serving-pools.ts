/**
 * Pools of replicas: the cluster's pools by name, or parts of one kind of node; how many replicas of which layout each
 * has, and whether they fit its accelerators.
 */

import { suggestion } from "../../base/suggestion.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import type { ModelArchitecture } from "../../catalog/model.ts";
import type { ReplicaText, ServingPoolText, ServingText } from "../schema/serving.ts";
import type { EngineText } from "../schema/serving-engine.ts";
import type { PoolDesign, ReplicaLayout } from "../serving/design.ts";
import type { Files } from "./model.ts";
import { given, type Notes, problem } from "./notes.ts";
import type { Hardware } from "./pools.ts";
import { resolveEngine } from "./serving-engine.ts";

export interface PoolsContext {
  readonly model: ModelArchitecture;
  readonly hardware: Hardware;
  readonly files: Files;
}

/** A pool as written, on its hardware. */
interface WrittenPool {
  readonly name: string;
  readonly cluster: Cluster;
  readonly text: ServingPoolText;
  /** Where its keys stand. */
  readonly path: string;
  /** Accelerators that it may use; shared with the other parts of one kind of node. */
  readonly available: number;
}

/** The pools; nothing where a problem stands in the way. */
export function resolveServingPools(
  written: ServingText,
  context: PoolsContext,
  notes: Notes,
): readonly PoolDesign[] | undefined {
  const pools = writtenPools(written, context.hardware, notes);
  if (pools === undefined) return undefined;
  const designs = pools.map((pool) => poolDesign(pool, written, context, notes));
  if (!designs.every((design) => design !== undefined)) return undefined;
  checkRoles(designs, notes);
  if (context.hardware.pools === undefined) checkShares(designs, notes);
  return designs;
}

function writtenPools(
  written: ServingText,
  { cluster, pools: clusters }: Hardware,
  notes: Notes,
): readonly WrittenPool[] | undefined {
  const texts = written.pools;
  if (clusters !== undefined) {
    unknownPools(
      texts,
      clusters.map(({ name }) => name),
      notes,
    );
    return clusters.map(({ name, cluster: own }): WrittenPool => {
      const text = texts?.[name];
      const path = text === undefined ? "serving" : `serving.pools.${name}`;
      return { name, cluster: own, text: text ?? {}, path, available: own.accelerators };
    });
  }
  if (cluster === undefined) return undefined;
  const available = cluster.accelerators;
  if (texts === undefined) return [{ name: "all", cluster, text: {}, path: "serving", available }];
  const names = Object.keys(texts);
  if (names.length === 0) {
    problem(notes, "serving.pools", "no pool", "name one, or leave pools out");
    return undefined;
  }
  return names.map((name) => {
    const text = texts[name] ?? {};
    return { name, cluster, text, path: `serving.pools.${name}`, available };
  });
}

function unknownPools(texts: ServingText["pools"], known: readonly string[], notes: Notes): void {
  for (const name of Object.keys(texts ?? {})) {
    if (known.includes(name)) continue;
    const near = suggestion(name, known);
    const hint = near === undefined ? `known: ${known.join(", ")}` : `did you mean "${near}"?`;
    problem(notes, `serving.pools.${name}`, `the cluster has no pool "${name}"`, hint);
  }
}

function poolDesign(
  pool: WrittenPool,
  written: ServingText,
  { model, files }: PoolsContext,
  notes: Notes,
): PoolDesign | undefined {
  const { name, cluster, text, path } = pool;
  const layout = layoutOf(written, pool, notes);
  const problems = notes.problems.length;
  checkLayout(layout, { model, cluster, path }, notes);
  if (notes.problems.length > problems) return undefined;
  const role = text.role ?? roleNamed(name);
  const replicas = replicasOf(written, pool, layout, notes);
  const enginePath = text.engine === undefined ? "serving.engine" : `${path}.engine`;
  const engine: EngineText = { ...written.engine, ...text.engine };
  const { accelerator } = cluster.node;
  const found = resolveEngine(engine, { model, accelerator, layout, files, path: enginePath }, notes);
  if (found === undefined || replicas === undefined) return undefined;
  return { name, role, cluster, replicas, layout, ...found };
}

function roleNamed(name: string): PoolDesign["role"] {
  return name === "prefill" || name === "decode" ? name : "both";
}

const degrees = ["tensor", "pipeline", "expert", "attentionData"] as const satisfies readonly (keyof ReplicaText)[];

function layoutOf(written: ServingText, { text, path }: WrittenPool, notes: Notes): ReplicaLayout {
  const [tensor = 1, pipeline = 1, expert = 1, attentionData = 1] = degrees.map((key) => {
    const own = text[key] ?? written[key];
    return key === "tensor" ? given(notes, `${path}.tensor`, own, 1, "not given") : (own ?? 1);
  });
  return { tensor, pipeline, expert, attentionData, accelerators: tensor * pipeline * attentionData };
}

interface LayoutContext {
  readonly model: ModelArchitecture;
  readonly cluster: Cluster;
  readonly path: string;
}

/** Heads, layers and experts must divide. */
function checkLayout(layout: ReplicaLayout, { model, cluster, path }: LayoutContext, notes: Notes): void {
  const { tensor, pipeline, expert, attentionData, accelerators } = layout;
  const heads = new Set(model.layerKinds.flatMap(({ mixer }) => (mixer.kind === "none" ? [] : [mixer.heads])));
  for (const count of heads) {
    if (count % tensor === 0) continue;
    problem(notes, `${path}.tensor`, `${tensor} does not divide the ${count} heads of ${model.name}`, "a divisor");
  }
  if (pipeline > model.layers.length) {
    const message = `${pipeline} stages for ${model.layers.length} layers of ${model.name}`;
    problem(notes, `${path}.pipeline`, message, `at most ${model.layers.length}`);
  }
  checkExperts(model, { expert, ranks: tensor * attentionData, path }, notes);
  if (accelerators > cluster.accelerators) {
    const parts = `tensor ${tensor} x pipeline ${pipeline} x attentionData ${attentionData}`;
    const message = `a replica of ${parts} = ${accelerators} accelerators, and there are ${cluster.accelerators}`;
    problem(notes, `${path}.tensor`, message, "smaller degrees, or more nodes");
  }
}

function checkExperts(
  model: ModelArchitecture,
  { expert, ranks, path }: { readonly expert: number; readonly ranks: number; readonly path: string },
  notes: Notes,
): void {
  if (expert === 1) return;
  const counts = new Set(
    model.layerKinds.flatMap(({ feedForward }) => (feedForward.kind === "experts" ? [feedForward.experts] : [])),
  );
  const at = `${path}.expert`;
  if (counts.size === 0) problem(notes, at, `${model.name} has no experts`, "remove it");
  for (const count of counts) {
    if (count % expert === 0) continue;
    problem(notes, at, `${expert} does not divide the ${count} experts of ${model.name}`, "a divisor");
  }
  if (ranks % expert === 0) return;
  const message = `${expert} does not divide the tensor x attentionData = ${ranks} ranks of a stage`;
  problem(notes, at, message, `e.g. expert: ${ranks}`);
}

/** Replicas that find accelerators: inside scale-up domains where they are no larger, else over whole ones. */
export function replicasWithin({ node }: Cluster, available: number, size: number): number {
  const domain = Math.max(node.scaleUp.domain, node.acceleratorsPerNode);
  if (size >= domain) return Math.floor(available / (Math.ceil(size / domain) * domain)) || (size <= available ? 1 : 0);
  const whole = Math.floor(available / domain) * Math.floor(domain / size);
  return whole + Math.floor((available % domain) / size);
}

function replicasOf(
  written: ServingText,
  { cluster, text, path, available }: WrittenPool,
  { accelerators }: ReplicaLayout,
  notes: Notes,
): number | undefined {
  const most = replicasWithin(cluster, available, accelerators);
  const reason = `not given; as many as ${available} accelerators hold at ${accelerators} a replica`;
  const wanted = text.replicas ?? written.replicas;
  const replicas = given(notes, `${path}.replicas`, wanted === "auto" ? undefined : wanted, most, reason);
  if (replicas <= most) return replicas;
  const message = `${replicas} replicas of ${accelerators} accelerators, and ${most} fit ${available} accelerators`;
  problem(notes, `${path}.replicas`, message, most === 0 ? "smaller degrees, or more nodes" : `at most ${most}`);
  return undefined;
}

/** Parts of one kind of node share its accelerators. */
function checkShares(pools: readonly PoolDesign[], notes: Notes): void {
  const cluster = pools[0]?.cluster;
  if (cluster === undefined || pools.length < 2) return;
  const taken = pools.reduce((sum, { replicas, layout }) => sum + replicas * layout.accelerators, 0);
  if (taken <= cluster.accelerators) return;
  const parts = pools.map(({ name, replicas, layout }) => `${name} ${replicas} x ${layout.accelerators}`).join(", ");
  const message = `${parts}: ${taken} accelerators, and there are ${cluster.accelerators}`;
  problem(notes, "serving.pools", message, "write replicas of each pool");
}

/** Prefill needs decode and the other way round, and neither stands beside replicas that do both. */
function checkRoles(pools: readonly PoolDesign[], notes: Notes): void {
  const roles = new Set(pools.map(({ role }) => role));
  if (!roles.has("prefill") && !roles.has("decode")) return;
  for (const [role, other] of [
    ["prefill", "decode"],
    ["decode", "prefill"],
  ] as const) {
    if (roles.has(role) && !roles.has(other)) {
      problem(notes, "serving.pools", `a pool for ${role} and none for ${other}`, `add one with role: ${other}`);
    }
  }
  if (!roles.has("both")) return;
  const names = pools.filter(({ role }) => role === "both").map(({ name }) => name);
  const message = `pool ${names.join(", ")} does both beside prefill and decode pools`;
  problem(notes, "serving.pools", message, "give it role: prefill or role: decode");
}
