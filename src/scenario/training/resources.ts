/** The resources of a training design, each with a way to have a little more or less of it. */

import type { NodeType } from "../../catalog/cluster.ts";
import type { TrainingDesign } from "./design.ts";

export interface Resource {
  readonly name: string;
  readonly label: string;
  /** Present amount, SI; unknown resources are left out of the list. */
  readonly value: number;
  readonly unit: string;
  /** The same design with `factor` times as much of it. */
  scaled(factor: number): TrainingDesign;
}

/** Everything a design can have more of, in a fixed order. */
export function trainingResources(design: TrainingDesign): readonly Resource[] {
  const { cluster } = design.case;
  const { accelerator } = cluster.node;
  const withNode = (node: NodeType): TrainingDesign => ({
    ...design,
    case: { ...design.case, cluster: { ...cluster, node } },
  });
  const hardware: Resource[] = [
    {
      name: "peakFlops",
      label: "peak compute, all precisions",
      value: accelerator.peak.bf16 ?? Math.max(...Object.values(accelerator.peak)),
      unit: "flop/s",
      scaled: (factor) =>
        withNode({ ...cluster.node, accelerator: { ...accelerator, ...scaledPeaks(accelerator, factor) } }),
    },
    {
      name: "memoryBandwidth",
      label: "memory bandwidth",
      value: accelerator.memory.bandwidth,
      unit: "B/s",
      scaled: (factor) => withMemory(withNode, cluster.node, { bandwidth: accelerator.memory.bandwidth * factor }),
    },
    {
      name: "memoryCapacity",
      label: "memory capacity",
      value: accelerator.memory.capacity,
      unit: "B",
      scaled: (factor) => withMemory(withNode, cluster.node, { capacity: accelerator.memory.capacity * factor }),
    },
    {
      name: "scaleUpBandwidth",
      label: "scale-up bandwidth",
      value: cluster.node.scaleUp.bandwidth,
      unit: "B/s",
      scaled: (factor) =>
        withNode({
          ...cluster.node,
          scaleUp: { ...cluster.node.scaleUp, bandwidth: cluster.node.scaleUp.bandwidth * factor },
          accelerator: {
            ...accelerator,
            scaleUp: { ...accelerator.scaleUp, bandwidth: accelerator.scaleUp.bandwidth * factor },
          },
        }),
    },
    {
      name: "scaleOutBandwidth",
      label: "scale-out bandwidth per node",
      value: cluster.node.nics.bandwidth * cluster.node.nics.count,
      unit: "B/s",
      scaled: (factor) =>
        withNode({ ...cluster.node, nics: { ...cluster.node.nics, bandwidth: cluster.node.nics.bandwidth * factor } }),
    },
    {
      name: "hopLatency",
      label: "latency of a switch hop",
      value: cluster.fabric.hopLatency,
      unit: "s",
      scaled: (factor) => ({
        ...design,
        case: {
          ...design.case,
          cluster: { ...cluster, fabric: { ...cluster.fabric, hopLatency: cluster.fabric.hopLatency * factor } },
        },
      }),
    },
  ];
  return [...hardware, ...priceResources(design)].filter((resource) => resource.value > 0);
}

function scaledPeaks(accelerator: NodeType["accelerator"], factor: number): Partial<NodeType["accelerator"]> {
  const peak = Object.fromEntries(Object.entries(accelerator.peak).map(([name, value]) => [name, value * factor]));
  return { peak, ...(accelerator.vectorPeak === undefined ? {} : { vectorPeak: accelerator.vectorPeak * factor }) };
}

function withMemory(
  withNode: (node: NodeType) => TrainingDesign,
  node: NodeType,
  change: Partial<NodeType["accelerator"]["memory"]>,
): TrainingDesign {
  const { accelerator } = node;
  return withNode({ ...node, accelerator: { ...accelerator, memory: { ...accelerator.memory, ...change } } });
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
