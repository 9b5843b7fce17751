/**
 * Power and energy of accelerators and their nodes, level 1: idle plus a share of the way to the limit by phase.
 * Ignores: the dependence on FLOP/s and byte/s inside a phase (level 2), caps below the limit, temperature, swings
 * faster than a step, switches and storage.
 */

import type { Joules, Seconds, Watts } from "../base/quantity.ts";
import type { Accelerator } from "../catalog/accelerator.ts";
import { powerCalibration } from "../catalog/calibration/power.ts";
import type { Cluster, NodeType } from "../catalog/cluster.ts";

/** Shares of the time an accelerator spends in each phase; they add up to 1. */
export interface BusyFractions {
  readonly compute: number;
  readonly memory: number;
  /** Communication that nothing hides. */
  readonly communication: number;
  /** Waiting: pipeline bubbles, stragglers, checkpoints. */
  readonly idle: number;
}

export interface NodePower {
  /** Without the host where the node states no rating; then `excluded` says so. */
  readonly total: Watts;
  readonly accelerators: Watts;
  readonly host: Watts | "unknown";
  readonly excluded: readonly string[];
}

export interface Energy {
  /** At the plugs of the nodes. */
  readonly equipment: Joules;
  /** With cooling and distribution: equipment times PUE. */
  readonly facility: Joules;
  /** Mean over the time, whole cluster, without cooling. */
  readonly power: Watts;
  readonly excluded: readonly string[];
}

/**
 * Power usage effectiveness when a scenario gives none, by how the site is cooled; an assumption to be printed.
 * @source pue-survey
 */
export const defaultPue: Readonly<Record<"air" | "hyperscale" | "liquid", number>> = {
  air: 1.3,
  hyperscale: 1.15,
  liquid: 1.1,
};

/**
 * Shares of a step from its times. What is neither memory-bound, exposed communication nor waiting is compute.
 * Times are those of one accelerator, seconds; more than the step is an error.
 */
export function busyFractions(times: {
  readonly step: Seconds;
  readonly memory: Seconds;
  readonly communication: Seconds;
  readonly idle: Seconds;
}): BusyFractions {
  const { step, memory, communication, idle } = times;
  const compute = step - memory - communication - idle;
  const valid = [step, memory, communication, idle].every((time) => Number.isFinite(time) && time >= 0);
  // The parts come from sums of floats: a compute time a rounding below zero is zero.
  if (!valid || step === 0 || compute < -1e-9 * step) throw new RangeError(`busy times ${JSON.stringify(times)}`);
  return {
    compute: Math.max(0, compute) / step,
    memory: memory / step,
    communication: communication / step,
    idle: idle / step,
  };
}

/**
 * Mean power of one accelerator.
 *
 *     P = P_idle + (P_limit - P_idle) sum_k f_k a_k
 *
 * f_k share of time in phase k, a_k its calibrated activity.
 * @source acme
 */
export function acceleratorPower(accelerator: Accelerator, busy: BusyFractions): Watts | "unknown" {
  if (accelerator.power === "unknown") return "unknown";
  const idle = accelerator.power * powerCalibration.idle.value;
  return idle + (accelerator.power - idle) * activity(busy);
}

/**
 * Mean power of one node: its accelerators, and a host whose fans, processors and supplies follow them.
 *
 *     P_host = (P_rated - n P_limit) (h_idle + (h_loaded - h_idle) load)
 *
 * load is how far the accelerators are from idle to their limit; h are the calibrated host shares.
 * `unknown` where the power of the accelerator is; without a node rating the host is left out, and named.
 * @source latif
 * @source acme
 */
export function nodePower(node: NodeType, busy: BusyFractions): NodePower | "unknown" {
  const each = acceleratorPower(node.accelerator, busy);
  if (each === "unknown" || node.accelerator.power === "unknown") return "unknown";
  const accelerators = each * node.acceleratorsPerNode;
  if (node.power === "unknown") {
    return { total: accelerators, accelerators, host: "unknown", excluded: ["host (no node rating published)"] };
  }
  const rated = Math.max(0, node.power - node.accelerator.power * node.acceleratorsPerNode);
  const { idle, loaded } = powerCalibration.host;
  const host = rated * (idle.value + (loaded.value - idle.value) * activity(busy));
  return { total: accelerators + host, accelerators, host, excluded: [] };
}

/**
 * Energy of a cluster over a time with the same mix of phases throughout: a step, or a whole run.
 * `unknown` where the power of the accelerator is. Switches and storage are excluded and named.
 */
export function clusterEnergy(run: {
  readonly cluster: Cluster;
  readonly time: Seconds;
  readonly busy: BusyFractions;
  readonly pue: number;
}): Energy | "unknown" {
  const { cluster, time, busy, pue } = run;
  if (!(pue >= 1) || !(time >= 0)) throw new RangeError(`energy over ${time} s at PUE ${pue}`);
  const node = nodePower(cluster.node, busy);
  if (node === "unknown") return "unknown";
  const power = node.total * cluster.nodes;
  const equipment = power * time;
  return { equipment, facility: equipment * pue, power, excluded: [...node.excluded, "switches", "storage"] };
}

/** Mean share of the way from idle to the limit. */
function activity(busy: BusyFractions): number {
  const total = busy.compute + busy.memory + busy.communication + busy.idle;
  if (!(Math.abs(total - 1) < 1e-6)) throw new RangeError(`busy fractions add up to ${total}`);
  const { phases } = powerCalibration;
  return (
    busy.compute * phases.compute.value +
    busy.memory * phases.memory.value +
    busy.communication * phases.communication.value +
    busy.idle * phases.idle.value
  );
}
