import { l40s } from "../accelerators/l40s.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const l40sSingle: NodeType = {
  name: "l40s-single",
  label: "1x L40S",
  accelerator: l40s,
  acceleratorsPerNode: 1,
  scaleUp: { domain: 1, topology: "pcie", bandwidth: l40s.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(10), name: "10G Ethernet" },
  power: "unknown",
  fabric: "ethernet-25g",
  sources: ["mlperf-training-v4-systems"],
};
