import { h100Sxm } from "../accelerators/h100-sxm.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress5 } from "../host.ts";

export const hgxH100Ethernet: NodeType = {
  name: "hgx-h100-ethernet",
  label: "8x H100 SXM with 1x 25 Gbit/s Ethernet",
  accelerator: h100Sxm,
  acceleratorsPerNode: 8,
  host: { link: pciExpress5 },
  scaleUp: { domain: 8, topology: "switch", bandwidth: h100Sxm.scaleUp.bandwidth, reduction: "nvls" },
  nics: { count: 1, bandwidth: gigabits(25), name: "25G Ethernet" },
  power: 10200,
  fabric: "ethernet-25g",
  sources: ["nvidia-dgx-h100", "mlperf-training-v4-systems", "pci-express"],
  notes: "Single boxes in public results carry an ordinary Ethernet port only.",
};
