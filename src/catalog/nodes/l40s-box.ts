import { l40s } from "../accelerators/l40s.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const l40sBox: NodeType = {
  name: "l40s-box",
  aliases: ["l40s-8"],
  label: "8x L40S on PCIe",
  accelerator: l40s,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "pcie", bandwidth: l40s.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(400), name: "ConnectX-7" },
  power: "unknown",
  fabric: "roce-400g",
  sources: ["aiconfigurator-systems", "pcie-rates"],
  notes: "One port is an assumption: such servers differ.",
};
