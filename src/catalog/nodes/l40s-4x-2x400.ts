import { l40s } from "../accelerators/l40s.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const l40s4x2x400: NodeType = {
  name: "l40s-4x-2x400",
  aliases: ["l40s-box-4"],
  label: "4x L40S on PCIe with 2x 400 Gbit/s",
  accelerator: l40s,
  acceleratorsPerNode: 4,
  scaleUp: { domain: 4, topology: "pcie", bandwidth: l40s.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 2, bandwidth: gigabits(400), name: "BlueField-3" },
  power: "unknown",
  fabric: "roce-400g",
  sources: ["mlperf-training-v4-systems"],
};
