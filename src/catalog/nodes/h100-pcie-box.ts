import { h100Pcie } from "../accelerators/h100-pcie.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const h100PcieBox: NodeType = {
  name: "h100-pcie-box",
  label: "8x H100 PCIe",
  accelerator: h100Pcie,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "pcie", bandwidth: h100Pcie.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: "unknown",
  fabric: "infiniband-ndr",
  sources: ["nvidia-h100", "pcie-rates", "pci-express"],
  notes: "One port is an assumption: such servers differ.",
};
