/** The resources of a training design, each with a way to have a little more or less of it. */

import type { Cluster } from "../../catalog/cluster.ts";
import type { PoolSpread } from "../../training/index.ts";
import type { TrainingDesign } from "./design.ts";

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
  return [...hardware, ...prices].filter((resource) => resource.value > 0);
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

interface HardwareResource {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly value: (cluster: Cluster) => number;
  readonly scale: (cluster: Cluster, factor: number) => Cluster;
}

const hardwareResources: readonly HardwareResource[] = [
  {
    name: "peakFlops",
    label: "peak compute, all precisions",
    unit: "flop/s",
    value: ({ node }) => node.accelerator.peak.bf16 ?? Math.max(...Object.values(node.accelerator.peak)),
    scale: scaledPeaks,
  },
  {
    name: "power",
    label: "power limit of an accelerator",
    unit: "W",
    // Zero stands for unknown, which leaves the resource out.
    value: ({ node }) => (node.accelerator.power === "unknown" ? 0 : node.accelerator.power),
    scale: (cluster, factor) => {
      const { power } = cluster.node.accelerator;
      return power === "unknown" ? cluster : withAccelerator(cluster, { power: power * factor });
    },
  },
  {
    name: "memoryBandwidth",
    label: "memory bandwidth",
    unit: "B/s",
    value: ({ node }) => node.accelerator.memory.bandwidth,
    scale: (cluster, factor) => {
      const { memory } = cluster.node.accelerator;
      return withAccelerator(cluster, { memory: { ...memory, bandwidth: memory.bandwidth * factor } });
    },
  },
  {
    name: "memoryCapacity",
    label: "memory capacity",
    unit: "B",
    value: ({ node }) => node.accelerator.memory.capacity,
    scale: (cluster, factor) => {
      const { memory } = cluster.node.accelerator;
      return withAccelerator(cluster, { memory: { ...memory, capacity: memory.capacity * factor } });
    },
  },
  {
    name: "scaleUpBandwidth",
    label: "scale-up bandwidth",
    unit: "B/s",
    value: ({ node }) => node.scaleUp.bandwidth,
    scale: (cluster, factor) => {
      const { accelerator, scaleUp } = cluster.node;
      const link = { ...accelerator.scaleUp, bandwidth: accelerator.scaleUp.bandwidth * factor };
      const wider = withAccelerator(cluster, { scaleUp: link });
      return withNode(wider, { scaleUp: { ...scaleUp, bandwidth: scaleUp.bandwidth * factor } });
    },
  },
  {
    name: "scaleOutBandwidth",
    label: "scale-out bandwidth per node",
    unit: "B/s",
    value: ({ node }) => node.nics.bandwidth * node.nics.count,
    scale: (cluster, factor) => {
      const { nics } = cluster.node;
      return withNode(cluster, { nics: { ...nics, bandwidth: nics.bandwidth * factor } });
    },
  },
  {
    name: "hopLatency",
    label: "latency of a switch hop",
    unit: "s",
    value: ({ fabric }) => fabric.hopLatency,
    scale: (cluster, factor) => {
      const { fabric } = cluster;
      return { ...cluster, fabric: { ...fabric, hopLatency: fabric.hopLatency * factor } };
    },
  },
];

/** Of the host, which counts where state lies in its memory; unknown amounts are left out like those of 0. */
const hostLink: HardwareResource = {
  name: "hostLink",
  label: "link to host memory",
  unit: "B/s",
  value: ({ node }) => node.host?.link ?? 0,
  scale: (cluster, factor) => {
    const { host } = cluster.node;
    return host === undefined ? cluster : withNode(cluster, { host: { ...host, link: host.link * factor } });
  },
};

const hostMemoryBandwidth: HardwareResource = {
  name: "hostMemoryBandwidth",
  label: "host memory bandwidth of a node",
  unit: "B/s",
  value: ({ node }) => node.host?.memory ?? 0,
  scale: (cluster, factor) => {
    const { host } = cluster.node;
    if (host?.memory === undefined) return cluster;
    return withNode(cluster, { host: { ...host, memory: host.memory * factor } });
  },
};

/** The hardware that a design uses: the link to the host moves what lies there, its memory only what is updated there. */
function hardwareOf({ case: { layout } }: TrainingDesign): readonly HardwareResource[] {
  const updates = layout.weightOffload === "on" || (layout.optimizerOffload ?? 0) > 0;
  if (updates) return [...hardwareResources, hostLink, hostMemoryBandwidth];
  return layout.activationOffload > 0 ? [...hardwareResources, hostLink] : hardwareResources;
}

function withNode(cluster: Cluster, change: Partial<Cluster["node"]>): Cluster {
  return { ...cluster, node: { ...cluster.node, ...change } };
}

function withAccelerator(cluster: Cluster, change: Partial<Cluster["node"]["accelerator"]>): Cluster {
  return withNode(cluster, { accelerator: { ...cluster.node.accelerator, ...change } });
}

function scaledPeaks(cluster: Cluster, factor: number): Cluster {
  const { peak, vectorPeak } = cluster.node.accelerator;
  const scaled = Object.fromEntries(Object.entries(peak).map(([name, value]) => [name, value * factor]));
  const vector = vectorPeak === undefined ? {} : { vectorPeak: vectorPeak * factor };
  return withAccelerator(cluster, { peak: scaled, ...vector });
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
