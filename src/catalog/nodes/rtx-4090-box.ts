import { rtx4090 } from "../accelerators/rtx-4090.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const rtx4090Box: NodeType = {
  name: "rtx-4090-box",
  label: "8x RTX 4090 on PCIe",
  accelerator: rtx4090,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "pcie", bandwidth: rtx4090.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(25), name: "25G Ethernet" },
  power: "unknown",
  fabric: "ethernet-25g",
  sources: ["nvidia-ada", "pcie-rates"],
  notes: "One port is an assumption; the driver offers no peer-to-peer copies on this part.",
};
