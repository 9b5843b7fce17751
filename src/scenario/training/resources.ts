/** The resources of a training design, each with a way to have a little more or less of it. */

import type { Cluster } from "../../catalog/cluster.ts";
import type { PoolSpread } from "../../training/index.ts";
import { type HardwareResource, hardwareResources, hostLink, hostMemoryBandwidth } from "../hardware-resources.ts";
import type { TrainingDesign } from "./design.ts";
import { reliabilityResources } from "./reliability-resources.ts";

export interface Resource {
  readonly name: string;
  readonly label: string;
  /** Present amount, SI. */
  readonly value: number;
  readonly unit: string;
  /** The same design with `factor` times as much of it. */
  scaled(factor: number): TrainingDesign;
}

/** Everything a design can have more of, in a fixed order. What it has none of is left out. */
export function trainingResources(design: TrainingDesign): readonly Resource[] {
  const hardware = design.case.pools === undefined ? plainHardware(design) : poolHardware(design, design.case.pools);
  const prices = design.tokens === undefined ? [] : priceResources(design);
  const reliability = design.reliability === undefined ? [] : reliabilityResources(design, design.reliability);
  return [...hardware, ...reliability, ...prices].filter((resource) => resource.value > 0);
}

function plainHardware(design: TrainingDesign): Resource[] {
  const { cluster } = design.case;
  return hardwareOf(design).map(({ name, label, unit, value, scale }) => ({
    name,
    label,
    unit,
    value: value(cluster),
    scaled: (factor) => ({ ...design, case: { ...design.case, cluster: scale(cluster, factor) } }),
  }));
}

/** Over pools: the same of each, `old.memoryBandwidth`. Layers and batch stay where they are. */
function poolHardware(design: TrainingDesign, spread: PoolSpread): Resource[] {
  return spread.pools.flatMap((pool) =>
    hardwareOf(design).map(
      ({ name, label, unit, value, scale }): Resource => ({
        name: `${pool.name}.${name}`,
        label: `${label}, pool ${pool.name}`,
        unit,
        value: value(pool.cluster),
        scaled: (factor) => {
          const cluster = scale(pool.cluster, factor);
          const pools = withCluster(spread, pool.name, cluster);
          return { ...design, case: { ...design.case, pools } };
        },
      }),
    ),
  );
}

function withCluster(spread: PoolSpread, name: string, cluster: Cluster): PoolSpread {
  const changed = <One extends { readonly name: string }>(pool: One): One =>
    pool.name === name ? { ...pool, cluster } : pool;
  return spread.by === "pipeline"
    ? { ...spread, pools: spread.pools.map(changed) }
    : { ...spread, pools: spread.pools.map(changed) };
}

/** The hardware that a design uses: the link to the host moves what lies there, its memory only what is updated there. */
function hardwareOf({ case: { layout } }: TrainingDesign): readonly HardwareResource[] {
  const updates = layout.weightOffload === "on" || (layout.optimizerOffload ?? 0) > 0;
  if (updates) return [...hardwareResources, hostLink, hostMemoryBandwidth];
  return layout.activationOffload > 0 ? [...hardwareResources, hostLink] : hardwareResources;
}

function priceResources(design: TrainingDesign): Resource[] {
  const { prices } = design;
  const resources: Resource[] = [];
  if (prices.acceleratorSecond !== "unknown") {
    const value = prices.acceleratorSecond;
    resources.push({
      name: "acceleratorPrice",
      label: "price of an accelerator-hour",
      value,
      unit: "USD/s",
      scaled: (factor) => ({ ...design, prices: { ...prices, acceleratorSecond: value * factor } }),
    });
  }
  if (prices.joule !== undefined) {
    const value = prices.joule;
    resources.push({
      name: "energyPrice",
      label: "price of energy",
      value,
      unit: "USD/J",
      scaled: (factor) => ({ ...design, prices: { ...prices, joule: value * factor } }),
    });
  }
  return resources;
}
