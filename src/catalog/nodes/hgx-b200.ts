import { b200Sxm } from "../accelerators/b200-sxm.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { dualSocket, pciExpress5 } from "../host.ts";

export const hgxB200: NodeType = {
  name: "hgx-b200",
  aliases: ["dgx-b200", "b200-8x400"],
  label: "8x B200 SXM with 8x 400 Gbit/s",
  accelerator: b200Sxm,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5, memory: dualSocket(8, 5.6e9) },
  scaleUp: { domain: 8, topology: "switch", bandwidth: b200Sxm.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 8, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: 14300,
  fabric: "infiniband-ndr",
  sources: ["nvidia-dgx-b200", "pci-express"],
};
