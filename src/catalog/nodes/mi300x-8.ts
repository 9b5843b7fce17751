import { mi300x } from "../accelerators/mi300x.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const mi300x8: NodeType = {
  name: "mi300x-8",
  aliases: ["mi300x-box", "hgx-mi300x"],
  label: "8x MI300X with 8x 400 Gbit/s",
  accelerator: mi300x,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "mesh", bandwidth: mi300x.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 8, bandwidth: gigabits(400), name: "400G Ethernet" },
  power: "unknown",
  fabric: "roce-400g",
  sources: ["amd-mi300x", "pci-express"],
  notes: "Eight ports of 400 Gbit/s are the reference design.",
};
