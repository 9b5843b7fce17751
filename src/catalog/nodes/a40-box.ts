import { a40 } from "../accelerators/a40.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const a40Box: NodeType = {
  name: "a40-box",
  label: "8x A40 on PCIe",
  accelerator: a40,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "pcie", bandwidth: a40.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(100), name: "100G Ethernet" },
  power: "unknown",
  fabric: "ethernet-100g",
  sources: ["nvidia-a40", "pcie-rates"],
  notes: "One port is an assumption: such servers differ; NVLink bridges of pairs are left out.",
};
