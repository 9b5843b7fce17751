import { a30 } from "../accelerators/a30.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const a30Box: NodeType = {
  name: "a30-box",
  label: "8x A30 on PCIe",
  accelerator: a30,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "pcie", bandwidth: a30.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(200), name: "200G Ethernet" },
  power: "unknown",
  fabric: "roce-200g",
  sources: ["aiconfigurator-systems", "pcie-rates"],
  notes: "One port is an assumption: such servers differ.",
};
