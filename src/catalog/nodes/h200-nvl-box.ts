import { h200Nvl } from "../accelerators/h200-nvl.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const h200NvlBox: NodeType = {
  name: "h200-nvl-box",
  label: "8x H200 NVL in bridged fours",
  accelerator: h200Nvl,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 4, topology: "mesh", bandwidth: h200Nvl.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: "unknown",
  fabric: "infiniband-ndr",
  sources: ["nvidia-h200", "pci-express"],
  notes: "Bridges join fours; one port is an assumption: such servers differ.",
};
