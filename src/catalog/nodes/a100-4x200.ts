import { a100Sxm80gb } from "../accelerators/a100-sxm-80gb.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";
import { pciExpress4 } from "../host.ts";

export const a1004x200: NodeType = {
  name: "a100-4x200",
  label: "8x A100 SXM 80 GB with 4x 200 Gbit/s",
  accelerator: a100Sxm80gb,
  acceleratorsPerNode: 8,
  host: { link: pciExpress4 },
  scaleUp: { domain: 8, topology: "switch", bandwidth: a100Sxm80gb.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 4, bandwidth: gigabits(200), name: "ConnectX-6 HDR" },
  power: "unknown",
  fabric: "infiniband-hdr",
  sources: ["vtrain-nodes", "pci-express"],
  notes: "800 Gbit/s a node as the source states; four ports are inferred.",
};
