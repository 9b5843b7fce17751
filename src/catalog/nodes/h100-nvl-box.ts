import { h100Nvl } from "../accelerators/h100-nvl.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const h100NvlBox: NodeType = {
  name: "h100-nvl-box",
  label: "8x H100 NVL in bridged pairs",
  accelerator: h100Nvl,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 2, topology: "mesh", bandwidth: h100Nvl.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: "unknown",
  fabric: "infiniband-ndr",
  sources: ["nvidia-h100-nvl", "pci-express"],
  notes: "Bridges join pairs; one port is an assumption: such servers differ.",
};
