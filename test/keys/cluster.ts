/** Keys of `cluster:`. */

import { accelerator, type Case, node, type Section } from "./written.ts";

const fabric = (fields: Section): Section => ({ cluster: { fabric: fields } });
/** Hashed over several leaves. */
const hashed = fabric({ nodesPerLeaf: 4, routing: { policy: "ecmp" } });
const apart = fabric({ buildings: { count: 2, bandwidth: "1 Tbit/s", roundTrip: "1 ms" } });

/** Two nodes of eight on one switch, some of their ports slower than others. */
const graph = {
  accelerators: 16,
  ports: 16,
  switches: [{ name: "up", count: 2 }, { name: "leaf" }],
  cables: Array.from({ length: 16 }, (_, each) => [
    { from: `gpu ${each}`, to: `up ${Math.floor(each / 8)}`, bandwidth: "450 GB/s", medium: "scale-up" },
    { from: `gpu ${each}`, to: `nic ${each}`, bandwidth: "64 GB/s", medium: "host" },
    { from: `nic ${each}`, to: "leaf", bandwidth: each < 8 ? "400 Gbit/s" : "100 Gbit/s" },
  ]).flat(),
};

export const clusterCases: readonly Case[] = [
  ["cluster.node.acceleratorsPerNode", node({ acceleratorsPerNode: 16 })],
  ["cluster.nodes", { cluster: { nodes: 8 } }],
  [
    "cluster.fabric.topology",
    { cluster: { fabric: { topology: "rail-optimised" } } },
    {
      workload: { model: "deepseek-ai/DeepSeek-V3" },
      layout: { tensor: 1, sequenceParallel: "off", context: 1, virtualStages: 1, expert: 64 },
      cluster: { fabric: { oversubscription: [8] } },
    },
  ],
  ["cluster.fabric.transport", { cluster: { fabric: { transport: "roce" } } }],
  ["cluster.fabric.tiers", { cluster: { fabric: { tiers: 3, oversubscription: [1, 1] } } }],
  ["cluster.fabric.oversubscription", { cluster: { fabric: { oversubscription: [4] } } }],
  ["cluster.fabric.hopLatency", { cluster: { fabric: { hopLatency: "50 us" } } }],
  [
    "cluster.fabric.nodesPerPod",
    { cluster: { fabric: { nodesPerPod: 2 } } },
    {
      workload: { model: "deepseek-ai/DeepSeek-V3" },
      layout: { tensor: 1, sequenceParallel: "off", context: 1, virtualStages: 1, expert: 64 },
      cluster: { fabric: { tiers: 3, oversubscription: [1, 8] } },
    },
  ],
  ["cluster.fabric.nodesPerLeaf", fabric({ nodesPerLeaf: 2 }), fabric({ oversubscription: [8] })],
  ["cluster.fabric.radix", fabric({ radix: 32 }), fabric({ oversubscription: [8] })],
  ["cluster.fabric.reduction", fabric({ reduction: "sharp" }), fabric({ transport: "infiniband" })],
  ["cluster.fabric.uplinkBandwidth", fabric({ uplinkBandwidth: "800 Gbit/s" }), hashed],
  ["cluster.fabric.routing.policy", fabric({ routing: { policy: "spray" } }), hashed],
  ["cluster.fabric.routing.queuePairs", fabric({ routing: { queuePairs: 16 } }), hashed],
  [
    "cluster.fabric.routing.forwarding",
    fabric({ routing: { forwarding: "own" } }),
    {
      cluster: {
        fabric: { topology: "rail-optimised", nodesPerLeaf: 8, routing: { policy: "ecmp", forwarding: "rail" } },
      },
      workload: { operation: "all-to-all" },
    },
  ],
  ["cluster.fabric.failures", fabric({ failures: ["spine 0"] }), hashed],
  ["cluster.fabric.buildings.count", fabric({ buildings: { count: 4 } }), apart],
  ["cluster.fabric.buildings.bandwidth", fabric({ buildings: { bandwidth: "100 Gbit/s" } }), apart],
  ["cluster.fabric.buildings.roundTrip", fabric({ buildings: { roundTrip: "5 ms" } }), apart],
  ["cluster.fabric.graph", fabric({ graph }), { cluster: { nodes: 2 } }],
  ["cluster.node.scaleUp.domain", node({ scaleUp: { domain: 4 } })],
  ["cluster.node.scaleUp.topology", node({ scaleUp: { topology: "mesh" } })],
  ["cluster.node.scaleUp.bandwidth", node({ scaleUp: { bandwidth: "100 GB/s" } })],
  ["cluster.node.scaleUp.reduction", node({ scaleUp: { reduction: "none" } })],
  ["cluster.node.nics.count", node({ nics: { count: 4 } })],
  ["cluster.node.nics.link", node({ nics: { link: "16 GB/s" } })],
  ["cluster.node.nics.bandwidth", node({ nics: { bandwidth: "100 Gbit/s" } })],
  ["cluster.node.power", node({ power: "5 kW" })],
  ["cluster.node.accelerator.generation", accelerator({ generation: "blackwell" })],
  ...Object.entries({ bf16: "bf16", fp16: "fp16", fp32: "fp32", tf32: "tf32", fp8: "fp8" }).map(
    ([unit, precision]): Case => [
      `cluster.node.accelerator.peak.${unit}`,
      accelerator({ peak: { [unit]: "40 TFLOP/s" } }),
      { workload: { precision } },
    ],
  ),
  [
    "cluster.node.accelerator.peak.fp4",
    accelerator({ peak: { fp4: "1 PFLOP/s" } }),
    { cluster: { node: { extends: "hgx-b200" } }, workload: { precision: "nvfp4" } },
  ],
  ["cluster.node.accelerator.memory.bandwidth", accelerator({ memory: { bandwidth: "1 TB/s" } })],
  ["cluster.node.accelerator.memory.capacity", accelerator({ memory: { capacity: "2 GB" } })],
  ["cluster.node.accelerator.multiprocessors", accelerator({ multiprocessors: 64 })],
  ["cluster.node.accelerator.scaleUp.bandwidth", accelerator({ scaleUp: { bandwidth: "100 GB/s" } })],
  ["cluster.node.accelerator.power", accelerator({ power: "300 W" })],
];
