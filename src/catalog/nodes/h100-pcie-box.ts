import { h100Pcie } from "../accelerators/h100-pcie.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const h100PcieBox: NodeType = {
  name: "h100-pcie-box",
  label: "8x H100 PCIe",
  accelerator: h100Pcie,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 8, topology: "pcie", bandwidth: h100Pcie.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: "unknown",
  fabric: "infiniband-ndr",
  sources: ["nvidia-h100", "pcie-rates"],
  notes: "One port is an assumption: such servers differ.",
};
