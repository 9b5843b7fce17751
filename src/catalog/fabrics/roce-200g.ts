import type { Fabric } from "../cluster.ts";

export const roce200g: Fabric = {
  name: "roce-200g",
  label: "RoCE, 200 Gbit/s, non-blocking fat tree",
  transport: "roce",
  topology: "fat-tree",
  tiers: 2,
  oversubscription: [1],
  hopLatency: 0.9e-6,
  radix: 128,
  sources: ["switch-latency"],
  notes: "Hop: 0.8 us of switch and 20 m of cable, an assumption.",
};
