import { h100Sxm } from "../accelerators/h100-sxm.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const grandTetonH100: NodeType = {
  name: "grand-teton-h100",
  aliases: ["grand-teton"],
  label: "Meta Grand Teton, 8x H100 SXM with 8x 400 Gbit/s RoCE",
  accelerator: h100Sxm,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "switch", bandwidth: h100Sxm.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 8, bandwidth: gigabits(400), name: "400G Ethernet" },
  power: "unknown",
  fabric: "roce-400g",
  sources: ["meta-roce-2024", "llama3-2024", "pci-express"],
};
