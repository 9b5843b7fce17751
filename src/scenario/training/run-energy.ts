/** Energy of a whole run at the meter of its site: steps as they are busy, and nodes that stand still or by. */

import type { Joules, Seconds } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { busyFractions, clusterEnergy } from "../../economics/index.ts";
import type { PoolStep, TrainingRun } from "../../training/index.ts";
import type { TrainingDesign } from "./design.ts";

export interface RunTimes {
  /** Steps run, those done again among them. */
  readonly busy: Seconds;
  /** The job is held and stands still. */
  readonly idle: Seconds;
  /** Nodes that stand by all the time. */
  readonly spares: number;
}

/** Of all pools; unknown where one of them is. */
export function runEnergy(design: TrainingDesign, run: TrainingRun, times: RunTimes): Joules | "unknown" {
  let sum = 0;
  for (const { cluster } of run.pools) {
    const alike = run.pools.filter((other) => other.cluster.node === cluster.node);
    const energy = poolEnergy(design, run, { cluster, time: times.busy, pool: busiestOf(alike) });
    const still = stillEnergy(design, cluster, times.idle);
    if (energy === "unknown" || still === "unknown") return "unknown";
    sum += energy + still;
  }
  const { cluster } = design.case;
  const by = stillEnergy(design, { ...cluster, nodes: times.spares }, times.busy + times.idle);
  return by === "unknown" ? by : sum + by;
}

/** Nodes that compute nothing. */
function stillEnergy(design: TrainingDesign, cluster: Cluster, time: Seconds): Joules | "unknown" {
  const busy = { compute: 0, memory: 0, communication: 0, idle: 1 };
  const energy = clusterEnergy({ cluster, busy, time, pue: design.prices.powerUsageEffectiveness });
  return energy === "unknown" ? energy : energy.facility;
}

/** Nodes that are alike draw what their busiest rank draws, as on a plain cluster. */
function busiestOf(pools: readonly PoolStep[]): PoolStep {
  return pools.reduce((known, next) => (next.waiting < known.waiting ? next : known));
}

/** What is done once a step is counted as in the whole run: pools wait for the slowest. */
function poolEnergy(
  design: TrainingDesign,
  { breakdown, stepTime }: TrainingRun,
  { cluster, pool, time }: { readonly cluster: Cluster; readonly pool: PoolStep; readonly time: Seconds },
): Joules | "unknown" {
  const { parts, busiest, microBatches } = pool;
  const memoryBound =
    microBatches * (parts.forward.elementwise + parts.backward.elementwise + parts.recompute.elementwise);
  const inside = busiest.tensor + busiest.context + busiest.expert + busiest.sharded + busiest.transfer;
  const exposed = microBatches * inside + breakdown.gradientReduce + breakdown.parameterGather;
  const uneven = breakdown.lengths === undefined ? 0 : breakdown.lengths.data + breakdown.lengths.pipeline;
  const late = uneven + breakdown.stragglers + breakdown.injectedStragglers;
  const idle = Math.max(0, pool.waiting) + breakdown.fixed + late + microBatches * busiest.launch;
  const memory = memoryBound + breakdown.optimizer;
  const communication = Math.min(exposed, Math.max(0, stepTime - memory - idle));
  const energy = clusterEnergy({
    cluster,
    busy: busyFractions({ step: stepTime, memory, communication, idle }),
    time,
    pue: design.prices.powerUsageEffectiveness,
  });
  return energy === "unknown" ? energy : energy.facility;
}
