import { h20 } from "../accelerators/h20.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const hgxH20: NodeType = {
  name: "hgx-h20",
  label: "8x H20 with 8x 400 Gbit/s",
  accelerator: h20,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "switch", bandwidth: h20.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 8, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: "unknown",
  fabric: "infiniband-ndr",
  sources: ["nvidia-h20", "pci-express"],
  notes: "Eight ports of 400 Gbit/s are an assumption: such servers differ.",
};
