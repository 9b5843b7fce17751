import { gb200 } from "../accelerators/gb200.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { graceBlackwell } from "../host.ts";

export const gb200Nvl72: NodeType = {
  name: "gb200-nvl72",
  aliases: ["gb200-tray", "dgx-gb200"],
  label: "GB200 NVL72 compute tray (4 GPUs of 72)",
  accelerator: gb200,
  acceleratorsPerNode: 4,
  host: graceBlackwell,
  scaleUp: { domain: 72, topology: "switch", bandwidth: gb200.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 4, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: 6670,
  fabric: "infiniband-ndr",
  sources: ["nvidia-nvl72", "nvidia-dps", "nvidia-grace-blackwell"],
  notes:
    "A node is a tray of 4 GPUs and 2 Grace CPUs; 18 trays share the NVLink domain. Power of the NVLink trays (rack about 120 kW) is not in it.",
};
