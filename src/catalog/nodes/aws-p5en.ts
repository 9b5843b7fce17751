import { h200Sxm } from "../accelerators/h200-sxm.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const awsP5en: NodeType = {
  name: "aws-p5en",
  aliases: ["p5en.48xlarge"],
  label: "AWS p5en.48xlarge, 8x H200 SXM with 3,200 Gbit/s EFA",
  accelerator: h200Sxm,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "switch", bandwidth: h200Sxm.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 16, bandwidth: gigabits(200), name: "EFA v3" },
  power: "unknown",
  fabric: "efa",
  sources: ["aws-p5", "pci-express"],
};
