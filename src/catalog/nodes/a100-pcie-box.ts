import { a100Pcie80gb } from "../accelerators/a100-pcie-80gb.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress4 } from "../host.ts";

export const a100PcieBox: NodeType = {
  name: "a100-pcie-box",
  label: "8x A100 PCIe 80 GB",
  accelerator: a100Pcie80gb,
  acceleratorsPerNode: 8,
  host: { link: pciExpress4 },
  scaleUp: { domain: 8, topology: "pcie", bandwidth: a100Pcie80gb.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(200), name: "ConnectX-6 HDR" },
  power: "unknown",
  fabric: "infiniband-hdr",
  sources: ["nvidia-a100", "pcie-rates", "pci-express"],
  notes: "One port is an assumption: such servers differ.",
};
