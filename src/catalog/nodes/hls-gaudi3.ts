import { gaudi3 } from "../accelerators/gaudi3.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const hlsGaudi3: NodeType = {
  name: "hls-gaudi3",
  aliases: ["gaudi3-8"],
  label: "8x Gaudi 3 with 24x 200 Gbit/s",
  accelerator: gaudi3,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "mesh", bandwidth: gaudi3.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 24, bandwidth: gigabits(200), name: "integrated RoCE" },
  power: "unknown",
  fabric: "roce-400g",
  sources: ["intel-gaudi3", "intel-gaudi2"],
  notes: "Three of 24 integrated ports of each card leave the box.",
};
