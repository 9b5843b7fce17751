/** Serving joined with economics: a design in, a prediction out. What a fleet does is `simulate.ts`. */

import type { Dollars, Joules, Watts } from "../../base/quantity.ts";
import { costPerMillionTokens, nodePower, rentalCost } from "../../economics/index.ts";
import type { FleetObserver, FleetRun } from "../../serving/fleet/spec.ts";
import type { Assumption, Binding, Fit, Point, Prediction } from "../prediction.ts";
import { version } from "../version.ts";
import { servingBasis } from "./basis.ts";
import type { PoolDesign, ServingDesign } from "./design.ts";
import { servingUnit } from "./metrics.ts";
import { notStarted } from "./not-started.ts";
import type { PoolUse, ServingRun } from "./run.ts";
import { simulateServing } from "./simulate.ts";
import { attainment, targetResults } from "./targets.ts";

export function predictServingDesign(design: ServingDesign): Prediction {
  return runServingDesign(design).prediction;
}

/** A prediction with the run behind it, for what wants single requests or iterations; no run where nothing starts. */
export function runServingDesign(
  design: ServingDesign,
  observer?: FleetObserver,
): { readonly prediction: Prediction; readonly fleet?: FleetRun } {
  const lack = bindingOf(design);
  if (lack !== undefined) return { prediction: notStarted(design, lack) };
  const { run, fleet } = simulateServing(design, observer);
  return { prediction: servingPrediction(design, run), fleet };
}

/** Of the pool whose engine would not start, what it lacks. */
export function bindingOf({ pools }: ServingDesign): Binding | undefined {
  for (const { engine, memory, name, engineName } of pools) {
    const room = engine.blocks * engine.blockTokens;
    if (room >= engine.maxLength && engine.blocks > 0) continue;
    const where = pools.length === 1 ? "" : ` of pool ${name}`;
    if (memory.cache <= 0) {
      const available = memory.capacity;
      const resource = `memory of one accelerator${where}, of which ${engineName} takes ${share(memory)} %`;
      return { resource, needed: available - memory.cache, available };
    }
    return { resource: `tokens of the cache${where}`, needed: engine.maxLength, available: room };
  }
  return undefined;
}

/** Percent of the memory that weights, activations, runtime and cache may take together. */
function share({ cache, weights, activations, runtime, capacity }: PoolDesign["memory"]): number {
  return Math.round((100 * (cache + weights + activations + runtime)) / capacity);
}

/** What a run says, with what it costs and draws. */
export function servingPrediction(design: ServingDesign, run: ServingRun): Prediction {
  const bill = billOf(design, run);
  const metrics = { ...run.metrics, ...attainment(run), ...bill.metrics };
  return {
    name: design.name,
    kind: "serving",
    fit: fitOf(design),
    feasible: true,
    verdict: run.verdict,
    metrics,
    units: Object.fromEntries(Object.keys(metrics).map((name) => [name, servingUnit(name)])),
    terms: run.terms,
    ...pointsOf(run),
    ...targetResults(design, run),
    assumptions: [...design.assumptions, ...bill.assumptions],
    warnings: [...design.warnings, ...warningsOf(run)],
    basis: servingBasis(design, run, metrics),
    provenance: { version, seed: design.seed },
  };
}

/** Tight: the cache of some pool holds less than two requests of the largest size. */
function fitOf({ pools }: ServingDesign): Fit {
  return pools.every(({ engine }) => engine.blocks * engine.blockTokens >= 2 * engine.maxLength) ? "fits" : "tight";
}

function pointsOf({ stages, classes }: ServingRun): Pick<Prediction, "points"> {
  const points: Point[] = [
    ...stages.map(({ stage, rate, metrics }) => ({ at: { stage, rate }, metrics })),
    ...classes.map(({ name, metrics }) => ({ at: { class: name }, metrics })),
  ];
  return points.length === 0 ? {} : { points };
}

function warningsOf({ verdict, reason, requests }: ServingRun): string[] {
  const lost = requests.timedOut + requests.rejected;
  const overload = verdict === "stable" ? [] : [`${verdict}: ${reason}; latencies then depend on how long the run is`];
  const unserved = `${lost} of ${requests.released} requests were not answered: ${requests.timedOut} timed out, ${requests.rejected} turned away`;
  return lost === 0 ? overload : [...overload, unserved];
}

interface Bill {
  readonly metrics: Readonly<Record<string, number>>;
  readonly assumptions: readonly Assumption[];
}

/** Rent of the replicas while they are held, and the power of their nodes' share. */
function billOf(design: ServingDesign, run: ServingRun): Bill {
  // Nobody was answered: there is no time to bill.
  if (!(run.duration > 0)) return { metrics: {}, assumptions: [] };
  const { prices } = design;
  const held = run.pools.reduce((sum, { held: seconds }, index) => sum + seconds * accelerators(design, index), 0);
  const power = powerOf(design, run);
  const energy: Joules | "unknown" =
    power === "unknown" ? power : power * run.duration * prices.powerUsageEffectiveness;
  const price = prices.acceleratorSecond === "unknown" ? "unknown" : ({ value: prices.acceleratorSecond } as const);
  const bill = prices.joule === undefined ? {} : { energy: { used: energy, price: prices.joule } };
  const { value: cost } = rentalCost({ accelerators: held, time: 1, price, ...bill });
  const tokens = (run.metrics.outputTokensPerSecond ?? 0) * run.duration;
  const perMillion: Dollars | "unknown" =
    cost === "unknown" || tokens === 0
      ? "unknown"
      : costPerMillionTokens({ accelerators: 1, tokensPerSecond: tokens, price: { value: cost } });
  const known = {
    ...(cost === "unknown" ? {} : { cost }),
    ...(perMillion === "unknown" ? {} : { costPerMillionOutputTokens: perMillion }),
    ...(power === "unknown" ? {} : { power }),
    ...(energy === "unknown" ? {} : { energy }),
    ...(energy === "unknown" || tokens === 0 ? {} : { energyPerOutputToken: energy / tokens }),
  };
  const reason = "the power of the accelerator is not published";
  const assumptions = power === "unknown" ? [{ path: "economics.energy", value: "power unknown", reason }] : [];
  return { metrics: known, assumptions };
}

function accelerators({ pools }: ServingDesign, index: number): number {
  return pools[index]?.layout.accelerators ?? 0;
}

/** Mean power of the replicas held, each with its share of its node; the site's losses are not in it. */
function powerOf({ pools }: ServingDesign, { pools: uses, duration }: ServingRun): Watts | "unknown" {
  let sum = 0;
  for (const [index, use] of uses.entries()) {
    const pool = pools[index];
    if (pool === undefined || use.held === 0) continue;
    const node = nodePower(pool.cluster.node, busyOf(use));
    if (node === "unknown") return node;
    const share = pool.layout.accelerators / pool.cluster.node.acceleratorsPerNode;
    sum += node.total * share * (use.held / duration);
  }
  return sum;
}

/** Shares of the time held; what is not busy is idle. */
function busyOf({ held, busy, compute, memory, communication }: PoolUse) {
  const whole = Math.min(1, busy / held);
  return {
    compute: whole * compute,
    memory: whole * memory,
    communication: whole * communication,
    idle: 1 - whole * (compute + memory + communication),
  };
}
