import { l4 } from "../accelerators/l4.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const l4Box: NodeType = {
  name: "l4-box",
  label: "8x L4 on PCIe",
  accelerator: l4,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "pcie", bandwidth: l4.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(200), name: "200G Ethernet" },
  power: "unknown",
  fabric: "roce-200g",
  sources: ["aiconfigurator-systems", "pcie-rates"],
  notes: "One port is an assumption: such servers differ.",
};
