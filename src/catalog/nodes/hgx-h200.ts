import { h200Sxm } from "../accelerators/h200-sxm.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { dualSocket, pciExpress5 } from "../host.ts";

export const hgxH200: NodeType = {
  name: "hgx-h200",
  aliases: ["dgx-h200", "h200-8x400"],
  label: "8x H200 SXM with 8x 400 Gbit/s",
  accelerator: h200Sxm,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5, memory: dualSocket(8, 4.8e9) },
  scaleUp: { domain: 8, topology: "switch", bandwidth: h200Sxm.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 8, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: 10200,
  fabric: "infiniband-ndr",
  sources: ["nvidia-dgx-h100", "pci-express"],
};
