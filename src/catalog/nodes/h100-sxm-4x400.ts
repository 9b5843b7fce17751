import { h100Sxm } from "../accelerators/h100-sxm.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const h100Sxm4x400: NodeType = {
  name: "h100-sxm-4x400",
  label: "4x H100 SXM with 4x 400 Gbit/s",
  accelerator: h100Sxm,
  acceleratorsPerNode: 4,
  host: { link: pciExpress5 },
  scaleUp: { domain: 4, topology: "switch", bandwidth: h100Sxm.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 4, bandwidth: gigabits(400), name: "ConnectX-7 NDR" },
  power: "unknown",
  fabric: "infiniband-ndr",
  sources: ["mlperf-training-v4-systems", "pci-express"],
  notes: "HGX with four GPUs wires them directly; taken as a switch of the same rate.",
};
