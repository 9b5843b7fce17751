import { a100Sxm80gb } from "../accelerators/a100-sxm-80gb.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { dualSocket, pciExpress4 } from "../host.ts";

export const hgxA100: NodeType = {
  name: "hgx-a100",
  aliases: ["dgx-a100", "a100-8x200", "azure-ndm-a100-v4", "hgx-a100-80gb"],
  label: "8x A100 SXM 80 GB with 8x 200 Gbit/s",
  accelerator: a100Sxm80gb,
  acceleratorsPerNode: 8,
  host: { link: pciExpress4, memory: dualSocket(8, 3.2e9) },
  scaleUp: { domain: 8, topology: "switch", bandwidth: a100Sxm80gb.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 8, bandwidth: gigabits(200), name: "ConnectX-6 HDR" },
  power: 6500,
  fabric: "infiniband-hdr",
  sources: ["nvidia-dgx-a100", "azure-ndv4", "pci-express"],
};
