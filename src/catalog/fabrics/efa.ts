import type { Fabric } from "../cluster.ts";

export const efa: Fabric = {
  name: "efa",
  label: "AWS Elastic Fabric Adapter",
  transport: "efa",
  topology: "fat-tree",
  tiers: 3,
  oversubscription: [1, 1],
  hopLatency: 0.9e-6,
  sources: ["aws-p5", "switch-latency"],
  notes: "Tiers and hop latency are assumptions; packets spread over many paths (SRD).",
};
