import { gb200 } from "../accelerators/gb200.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { graceBlackwell } from "../host.ts";

export const gb200Nvl4: NodeType = {
  name: "gb200-nvl4",
  label: "GB200 NVL4 tray alone (4 GPUs)",
  accelerator: gb200,
  acceleratorsPerNode: 4,
  host: graceBlackwell,
  scaleUp: { domain: 4, topology: "switch", bandwidth: gb200.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 4, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: 6670,
  fabric: "infiniband-ndr",
  sources: ["nvidia-nvl72", "nvidia-dps", "nvidia-grace-blackwell"],
  notes: "A compute tray measured by itself: its four GPUs only.",
};
