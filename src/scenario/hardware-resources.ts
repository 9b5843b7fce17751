/** What a cluster can have more or less of: computation and memory, links and hops, the way to its host. */

import type { Cluster } from "../catalog/cluster.ts";

export interface HardwareResource {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly value: (cluster: Cluster) => number;
  readonly scale: (cluster: Cluster, factor: number) => Cluster;
}

/** Links and hops, which all kinds of workload use. */
export const networkResources: readonly HardwareResource[] = [
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

/** Accelerators, links and hops. */
export const hardwareResources: readonly HardwareResource[] = [
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
  ...networkResources,
];

/** Of the host, which counts where state lies in its memory; unknown amounts are left out like those of 0. */
export const hostLink: HardwareResource = {
  name: "hostLink",
  label: "link to host memory",
  unit: "B/s",
  value: ({ node }) => node.host?.link ?? 0,
  scale: (cluster, factor) => {
    const { host } = cluster.node;
    return host === undefined ? cluster : withNode(cluster, { host: { ...host, link: host.link * factor } });
  },
};

export const hostMemoryBandwidth: HardwareResource = {
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
