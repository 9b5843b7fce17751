import { h100Sxm } from "../accelerators/h100-sxm.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const awsP5: NodeType = {
  name: "aws-p5",
  aliases: ["p5.48xlarge"],
  label: "AWS p5.48xlarge, 8x H100 SXM with 3,200 Gbit/s EFA",
  accelerator: h100Sxm,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "switch", bandwidth: h100Sxm.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 32, bandwidth: gigabits(100), name: "EFA" },
  power: "unknown",
  fabric: "efa",
  sources: ["aws-p5", "pci-express"],
};
