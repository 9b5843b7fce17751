import { h800Sxm } from "../accelerators/h800-sxm.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const hgxH800: NodeType = {
  name: "hgx-h800",
  label: "8x H800 SXM with 8x 400 Gbit/s",
  accelerator: h800Sxm,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "switch", bandwidth: h800Sxm.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 8, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: "unknown",
  fabric: "infiniband-ndr",
  sources: ["nvidia-h800", "pci-express"],
  notes: "As used for DeepSeek-V3.",
};
