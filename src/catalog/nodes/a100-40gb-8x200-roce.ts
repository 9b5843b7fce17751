import { a100Sxm40gb } from "../accelerators/a100-sxm-40gb.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress4 } from "../host.ts";

export const a10040gb8x200Roce: NodeType = {
  name: "a100-40gb-8x200-roce",
  label: "8x A100 SXM 40 GB with 1,600 Gbit/s RoCE",
  accelerator: a100Sxm40gb,
  acceleratorsPerNode: 8,
  host: { link: pciExpress4 },
  scaleUp: { domain: 8, topology: "switch", bandwidth: a100Sxm40gb.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 8, bandwidth: gigabits(200), name: "200G Ethernet" },
  power: "unknown",
  fabric: "roce-200g",
  sources: ["mosaicml-mpt-nodes", "pci-express"],
  notes: "The source states 1,600 Gbit/s between nodes; eight ports are inferred.",
};
