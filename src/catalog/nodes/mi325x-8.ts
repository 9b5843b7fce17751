import { mi325x } from "../accelerators/mi325x.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const mi325x8: NodeType = {
  name: "mi325x-8",
  aliases: ["mi325x-box"],
  label: "8x MI325X with 8x 400 Gbit/s",
  accelerator: mi325x,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "mesh", bandwidth: mi325x.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 8, bandwidth: gigabits(400), name: "400G Ethernet" },
  power: "unknown",
  fabric: "roce-400g",
  sources: ["amd-mi325x", "pci-express"],
  notes: "Eight ports of 400 Gbit/s are the reference design.",
};
