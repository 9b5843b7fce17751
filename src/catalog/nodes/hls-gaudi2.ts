import { gaudi2 } from "../accelerators/gaudi2.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const hlsGaudi2: NodeType = {
  name: "hls-gaudi2",
  aliases: ["gaudi2-8"],
  label: "8x Gaudi 2 with 24x 100 Gbit/s",
  accelerator: gaudi2,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "mesh", bandwidth: gaudi2.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 24, bandwidth: gigabits(100), name: "integrated RoCE" },
  power: "unknown",
  fabric: "roce-400g",
  sources: ["intel-gaudi2"],
  notes: "Three of 24 integrated ports of each card leave the box.",
};
