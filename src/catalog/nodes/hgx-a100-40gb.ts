import { a100Sxm40gb } from "../accelerators/a100-sxm-40gb.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { dualSocket, pciExpress4 } from "../host.ts";

export const hgxA10040gb: NodeType = {
  name: "hgx-a100-40gb",
  aliases: ["dgx-a100-40gb", "azure-nd-a100-v4", "a100-40gb-8x200"],
  label: "8x A100 SXM 40 GB with 8x 200 Gbit/s",
  accelerator: a100Sxm40gb,
  acceleratorsPerNode: 8,
  host: { link: pciExpress4, memory: dualSocket(8, 3.2e9) },
  scaleUp: { domain: 8, topology: "switch", bandwidth: a100Sxm40gb.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 8, bandwidth: gigabits(200), name: "ConnectX-6 HDR" },
  power: 6500,
  fabric: "infiniband-hdr",
  sources: ["nvidia-dgx-a100", "azure-ndv4", "pci-express"],
};
