import { ascend910b } from "../accelerators/ascend-910b.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const atlas800tA2: NodeType = {
  name: "atlas-800t-a2",
  aliases: ["ascend-910b-8"],
  label: "Atlas 800T A2, 8x Ascend 910B",
  accelerator: ascend910b,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "mesh", bandwidth: ascend910b.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 8, bandwidth: gigabits(200), name: "200G Ethernet" },
  power: "unknown",
  fabric: "roce-200g",
  sources: ["huawei-atlas-800t-a2"],
};
