import { gb300 } from "../accelerators/gb300.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { graceBlackwell } from "../host.ts";

export const gb300Nvl72: NodeType = {
  name: "gb300-nvl72",
  aliases: ["gb300-tray", "dgx-gb300"],
  label: "GB300 NVL72 compute tray (4 GPUs of 72)",
  accelerator: gb300,
  acceleratorsPerNode: 4,
  host: graceBlackwell,
  scaleUp: { domain: 72, topology: "switch", bandwidth: gb300.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 4, bandwidth: gigabits(800), name: "ConnectX-8 XDR" },
  power: 6600,
  fabric: "infiniband-xdr",
  sources: ["nvidia-nvl72", "introl-gb300", "nvidia-grace-blackwell"],
  notes:
    "A node is a tray of 4 GPUs and 2 Grace CPUs; 18 trays share the NVLink domain. Tray power is an estimate, without the NVLink trays (3.6 kW a rack).",
};
