/** The bill of a design, and what owning it costs: the one place where both are made. */

import type { Watts } from "../base/quantity.ts";
import type { Cluster } from "../catalog/cluster.ts";
import {
  type Bill,
  billOf,
  type Machines,
  type OwnerTerms,
  type Owning,
  owningOf,
  type SiteTerms,
  type StorageNeed,
} from "../economics/index.ts";
import { checkpointSize } from "../training/index.ts";
import type { Design } from "./predict.ts";
import type { Prediction } from "./prediction.ts";
import type { ServingDesign } from "./serving/design.ts";
import type { Prices, TrainingDesign } from "./training/design.ts";

export function billOfDesign(design: Design): Bill {
  return billOf({ machines: machinesOf(design), storage: storageOf(design), site: pricesOf(design)?.site ?? nowhere });
}

/** Without a prediction that fits, nobody knows what the machines draw on average. */
export function owningOfDesign(
  design: Design,
  {
    bill,
    prediction,
  }: {
    readonly bill: Bill;
    readonly prediction: Prediction | undefined;
  },
): Owning {
  const prices = pricesOf(design);
  return owningOf({
    bill,
    terms: prices?.owner ?? noTerms,
    powerMean: meanPower(design, prediction, bill),
    rent: prices?.acceleratorSecond ?? "unknown",
  });
}

const nowhere: SiteTerms = { powerUsageEffectiveness: "unknown" };
const noTerms: OwnerTerms = {};

/** Prices of a job or a service; exercises of the network have none. */
function pricesOf(design: Design): Prices | undefined {
  if (design.kind === "training") return design.training.prices;
  return design.kind === "serving" ? design.serving.prices : undefined;
}

/** Nodes that are alike, in the order of the scenario. */
function machinesOf(design: Design): readonly Machines[] {
  switch (design.kind) {
    case "training":
      return trainingMachines(design.training);
    case "serving":
      return servingMachines(design.serving);
    case "collective":
      return [{ cluster: design.collective.cluster }];
    case "traffic":
      return [{ cluster: design.traffic.cluster }];
    case "shared":
      return [{ cluster: design.shared.cluster }];
  }
}

/** Spares are of the first pool's kind, as the energy of a run has them. */
function trainingMachines({ case: c, reliability }: TrainingDesign): readonly Machines[] {
  const spares = reliability === undefined ? {} : { spares: reliability.spares };
  if (c.pools === undefined) return [{ cluster: c.cluster, ...spares }];
  return c.pools.pools.map(({ name, cluster }, index) => ({ pool: name, cluster, ...(index === 0 ? spares : {}) }));
}

/** Several pools of replicas may share one kind of node. */
function servingMachines({ pools }: ServingDesign): readonly Machines[] {
  const named = new Map<Cluster, string>();
  for (const { cluster, name } of pools) if (!named.has(cluster)) named.set(cluster, name);
  return [...named].map(([cluster, pool]) => (named.size === 1 ? { cluster } : { cluster, pool }));
}

function storageOf(design: Design): StorageNeed | string {
  if (design.kind !== "training") return "no checkpoints are written; what else is stored is not in the scenario";
  const { reliability, case: c } = design.training;
  if (reliability === undefined) return "known with reliability and storage in the scenario";
  const { write, read } = reliability.store;
  return {
    checkpoint: checkpointSize(c, reliability.checkpoint),
    ...(write === undefined ? {} : { write }),
    ...(read === undefined ? {} : { read }),
  };
}

/** Of one accelerator with its share of the node, without cooling; or why it is unknown. */
function meanPower(design: Design, prediction: Prediction | undefined, bill: Bill): Watts | string {
  if (prediction === undefined || (design.kind !== "training" && design.kind !== "serving")) {
    return "no work says what the machines draw on average";
  }
  const { energy, timeToTrain, power } = prediction.metrics;
  if (design.kind === "serving") return servingPower(design.serving, power);
  if (energy === undefined || timeToTrain === undefined) {
    return design.training.tokens === undefined
      ? "it is that of a whole run, which workload.tokens states"
      : "the power of the accelerator is not published";
  }
  const accelerators = bill.machines.reduce(
    (sum, { cluster, spares = 0 }) => sum + cluster.accelerators + spares * cluster.node.acceleratorsPerNode,
    0,
  );
  return energy / design.training.prices.powerUsageEffectiveness / timeToTrain / accelerators;
}

function servingPower({ pools, autoscaler }: ServingDesign, power: Watts | undefined): Watts | string {
  if (power === undefined) return "the power of the accelerator is not published";
  if (autoscaler !== undefined) return "replicas come and go, and what is not held draws what nobody counts";
  return power / pools.reduce((sum, { replicas, layout }) => sum + replicas * layout.accelerators, 0);
}
