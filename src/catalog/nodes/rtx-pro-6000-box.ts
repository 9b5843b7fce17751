import { rtxPro6000 } from "../accelerators/rtx-pro-6000.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const rtxPro6000Box: NodeType = {
  name: "rtx-pro-6000-box",
  label: "8x RTX PRO 6000 on PCIe",
  accelerator: rtxPro6000,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "pcie", bandwidth: rtxPro6000.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(400), name: "ConnectX-7" },
  power: "unknown",
  fabric: "roce-400g",
  sources: ["aiconfigurator-systems", "pcie-rates"],
  notes: "One port is an assumption: such servers differ.",
};
