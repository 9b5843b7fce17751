import { b300Sxm } from "../accelerators/b300-sxm.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { dualSocket, pciExpress5 } from "../host.ts";

export const hgxB300: NodeType = {
  name: "hgx-b300",
  aliases: ["dgx-b300", "b300-8x800"],
  label: "8x B300 SXM with 8x 800 Gbit/s",
  accelerator: b300Sxm,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5, memory: dualSocket(8, 6.4e9) },
  scaleUp: { domain: 8, topology: "switch", bandwidth: b300Sxm.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 8, bandwidth: gigabits(800), name: "ConnectX-8 XDR" },
  power: 14500,
  fabric: "infiniband-xdr",
  sources: ["nvidia-dgx-b300", "pci-express"],
};
