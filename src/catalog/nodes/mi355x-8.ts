import { mi355x } from "../accelerators/mi355x.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const mi355x8: NodeType = {
  name: "mi355x-8",
  aliases: ["mi355x-box"],
  label: "8x MI355X with 8x 400 Gbit/s",
  accelerator: mi355x,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "mesh", bandwidth: mi355x.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 8, bandwidth: gigabits(400), name: "400G Ethernet" },
  power: "unknown",
  fabric: "roce-400g",
  sources: ["amd-mi355x", "pci-express"],
  notes: "Eight ports of 400 Gbit/s are the reference design.",
};
