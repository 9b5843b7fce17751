/**
 * Pools of different hardware: their clusters, and how a layout spreads the job over them. Every pool takes part, by
 * pipeline stages or by data-parallel replicas, with all of its accelerators.
 */

import type { Cluster } from "../../catalog/cluster.ts";
import type {
  DataPool,
  PipelinePool,
  PoolLink,
  PoolSpread,
  SoftwareProfile,
  TrainingPrecision,
} from "../../training/index.ts";
import type { Layout } from "../../training/layout.ts";
import { scheduleOf } from "../../training/schedule/index.ts";
import { shardedInside } from "../../training/sharding.ts";
import type { ClusterText } from "../schema/cluster.ts";
import type { LayoutText } from "../schema/layout.ts";
import type { Scenario } from "../schema/parse.ts";
import { clusterAt, resolveCluster } from "./hardware.ts";
import { type LayoutContext, resolveLayout } from "./layout.ts";
import { emptyNotes, type Notes, problem } from "./notes.ts";
import { poolPrecisionProblems, recipeNamed } from "./precision.ts";
import { resolveShares, type Shares, sharedLayout } from "./shares.ts";

export interface NamedCluster {
  readonly name: string;
  readonly cluster: Cluster;
}

export interface Hardware {
  /** All of it; over pools with the first one's node. Absent where a problem stands in its way. */
  readonly cluster: Cluster | undefined;
  readonly pools?: readonly NamedCluster[];
}

/** One kind of node, or several pools. */
export function resolveHardware(written: ClusterText, notes: Notes): Hardware {
  const pools = resolvePools(written, notes);
  if (pools !== undefined) return { cluster: joinedCluster(pools), pools };
  return { cluster: (written.pools?.length ?? 0) > 1 ? undefined : resolveCluster(written, notes) };
}

export interface PoolsContext extends LayoutContext {
  readonly precision: TrainingPrecision;
  readonly pools?: readonly NamedCluster[];
  readonly between: ClusterText["between"];
}

export interface PoolsLayout {
  readonly layout: Layout;
  readonly spread?: PoolSpread;
  readonly balance: Shares["balance"];
}

/** The complete layout, spread over the pools where there are several. */
export function layoutOver(written: LayoutText, context: PoolsContext, notes: Notes): PoolsLayout | undefined {
  const shares = resolveShares(written, context.pools, notes);
  if (context.pools === undefined) return { layout: resolveLayout(written, context, notes), balance: "even" };
  if (shares === undefined) return undefined;
  poolPrecisionProblems(context.precision, shares, notes);
  const layout = resolveLayout(sharedLayout(written, shares, notes), { ...context, spread: shares }, notes);
  return { layout, spread: resolveSpread({ ...context, shares, layout }, notes), balance: shares.balance };
}

/** What is modelled on one kind of node only. */
export function aloneProblems(scenario: Scenario, layout: Layout | undefined, notes: Notes): void {
  const refuse = (path: string, what: string, hint: string): void =>
    problem(notes, path, `${what} over pools of different hardware: not modelled`, hint);
  if (scenario.stragglers !== undefined) refuse("stragglers", "stragglers", "remove them, or use one kind of node");
  const { workload } = scenario;
  if (workload?.kind === "training" && workload.objective !== undefined) {
    refuse("workload.objective", "objectives", "remove it, or use one kind of node");
  }
  if (workload?.kind === "training" && workload.lengths !== undefined) {
    refuse("workload.lengths", "unequal sequences", "write one sequenceLength, or use one kind of node");
  }
  const schedule = layout === undefined ? undefined : scheduleOf(layout.schedule);
  if (schedule !== undefined && (schedule.placement !== "loop" || schedule.backward !== "whole")) {
    refuse("layout.schedule", schedule.name, "use gpipe, 1f1b or interleaved");
  }
}

/** The clusters of several pools; nothing where there is one kind of node, or a problem. */
function resolvePools(written: ClusterText, notes: Notes): readonly NamedCluster[] | undefined {
  const { pools = [], fabric } = written;
  if (pools.length < 2) {
    if (written.between !== undefined) {
      problem(notes, "cluster.between", "there is one kind of node", "remove it, or write several pools");
    }
    return undefined;
  }
  const all = pools.reduce((sum, { nodes }) => sum + nodes, 0);
  const found = pools.map(({ name, node, nodes }, index): NamedCluster | undefined => {
    if (pools.findIndex((other) => other.name === name) !== index) {
      problem(notes, `cluster.pools[${index}].name`, `"${name}" is there twice`, "give each pool a name of its own");
    }
    const own = emptyNotes();
    const cluster = clusterAt(`cluster.pools[${index}]`, { node, nodes, all, fabric }, own);
    addNew(own, notes);
    return cluster === undefined ? undefined : { name, cluster };
  });
  return found.every((pool) => pool !== undefined) ? found : undefined;
}

/** What all pools say alike, of the fabric that they share, is said once. */
function addNew(own: Notes, notes: Notes): void {
  const text = (value: unknown): string => JSON.stringify(value);
  const missing = <Value>(values: readonly Value[], known: readonly Value[]): Value[] =>
    values.filter((value) => !known.some((other) => text(other) === text(value)));
  notes.problems.push(...missing(own.problems, notes.problems));
  notes.assumptions.push(...missing(own.assumptions, notes.assumptions));
  notes.warnings.push(...missing(own.warnings, notes.warnings));
}

/** All pools as one: the count of their accelerators, and the first one's node. */
function joinedCluster(pools: readonly NamedCluster[]): Cluster | undefined {
  const first = pools[0]?.cluster;
  if (first === undefined) return undefined;
  const sum = (of: (cluster: Cluster) => number): number =>
    pools.reduce((total, { cluster }) => total + of(cluster), 0);
  return { ...first, nodes: sum(({ nodes }) => nodes), accelerators: sum(({ accelerators }) => accelerators) };
}

interface SpreadContext {
  readonly shares: Shares;
  readonly layout: Layout;
  readonly globalBatch: number;
  readonly software: SoftwareProfile;
  readonly between: ClusterText["between"];
}

/** The spread, every pool's size and batch looked at; sequences that nobody gave are even, or 0 where they cannot be. */
function resolveSpread(context: SpreadContext, notes: Notes): PoolSpread {
  const {
    shares: { by, shares },
    layout,
  } = context;
  sizeProblems(context, notes);
  const link = resolveLink(context.between, notes);
  const common = shares.map(({ text, pool }) => ({
    ...pool,
    ...(text.precision === undefined ? {} : { precision: recipeNamed(text.precision) }),
  }));
  const between = link === undefined ? {} : { between: link };
  if (by === "pipeline") {
    const pools = common.map((pool, index): PipelinePool => ({ ...pool, stages: shares[index]?.degree ?? 1 }));
    return { by, pools, ...between };
  }
  const sequences = sequencesOf(context, notes);
  const pools = common.map((pool, index): DataPool => {
    return { ...pool, data: shares[index]?.degree ?? 1, sequences: sequences[index] ?? 0 };
  });
  if (shardedInside({ layout, software: context.software })) {
    const message = "weights that are gathered in every micro-batch need replicas that are alike";
    problem(notes, "layout.sharding", message, "use sharding: optimizer or none, or spread the pools by stages");
  }
  return { by, pools, ...between };
}

function resolveLink(written: ClusterText["between"], notes: Notes): PoolLink | undefined {
  if (written === undefined) return undefined;
  if (written.latency === undefined) {
    notes.assumptions.push({ path: "cluster.between.latency", value: "0 s", reason: "not given" });
  }
  return { bandwidth: written.bandwidth, latency: written.latency ?? 0 };
}

function sizeProblems({ shares: { by, shares }, layout }: SpreadContext, notes: Notes): void {
  const { tensor, context, pipeline, data, expert, expertTensor } = layout;
  const [outer, size] = by === "pipeline" ? [`data ${data}`, data] : [`pipeline ${pipeline}`, pipeline];
  const each = tensor * context * size;
  const experts = expert * expertTensor;
  for (const { pool, degree } of shares) {
    const { accelerators } = pool.cluster;
    const what = by === "pipeline" ? "stages" : "replicas";
    if (degree * each !== accelerators) {
      const parts = `tensor ${tensor} x context ${context} x ${outer} = ${each}`;
      const message = `pool "${pool.name}" has ${accelerators} accelerators, but ${degree} ${what} of ${parts} are ${degree * each}`;
      const fits =
        accelerators % each === 0
          ? `write ${by === "pipeline" ? "stages" : "data"}: ${accelerators / each}`
          : "change the degrees";
      problem(notes, "layout.pools", message, fits);
    }
    if (by === "data" && expert > 1 && (tensor * context * degree) % experts !== 0) {
      const stage = `tensor ${tensor} x context ${context} x data ${degree} = ${tensor * context * degree}`;
      const message = `a stage of pool "${pool.name}" has ${stage} ranks, which expert x expertTensor = ${experts} does not divide`;
      problem(notes, "layout.expert", message, "an expert group stays inside a pool");
    }
  }
}

/** Sequences of each pool: as written, which must add up and divide, or even for now. */
function sequencesOf({ shares: { shares, balance }, layout, globalBatch }: SpreadContext, notes: Notes): number[] {
  const written = shares.flatMap(({ text }) => (text.sequences === undefined ? [] : [text.sequences]));
  const step = layout.microBatch * (layout.schedule === "interleaved" ? layout.pipeline : 1);
  if (written.length === 0) {
    const each = globalBatch / layout.data;
    if (balance === "even" && !Number.isInteger(each / step)) {
      const message = `${globalBatch} sequences are not divisible by data ${layout.data} x ${step} a replica`;
      problem(notes, "workload.globalBatch", message, "write sequences of each pool, or balance: balanced");
    }
    return shares.map(({ degree }) => Math.max(step, Math.floor(each / step) * step) * degree);
  }
  const sum = written.reduce((total, next) => total + next, 0);
  if (written.length < shares.length) {
    problem(notes, "layout.pools", "sequences of some pools but not of all", "write those of each pool, or of none");
  } else if (sum !== globalBatch) {
    const message = `the pools' sequences add up to ${sum}, but globalBatch is ${globalBatch}`;
    problem(notes, "layout.pools", message, "every sequence of a step belongs to one pool");
  }
  for (const [index, { text, degree }] of shares.entries()) {
    const each = degree * step;
    if (text.sequences === undefined || text.sequences % each === 0) continue;
    const message = `${text.sequences} sequences are not divisible by data ${degree} x ${step} a replica = ${each}`;
    problem(
      notes,
      `layout.pools[${index}].sequences`,
      message,
      `e.g. ${Math.max(1, Math.round(text.sequences / each)) * each}`,
    );
  }
  return written;
}
