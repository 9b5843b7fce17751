import type { Fabric } from "../cluster.ts";

export const roce400g: Fabric = {
  name: "roce-400g",
  aliases: ["roce"],
  label: "RoCE, 400 Gbit/s, non-blocking fat tree",
  transport: "roce",
  topology: "fat-tree",
  tiers: 2,
  oversubscription: [1],
  hopLatency: 0.9e-6,
  radix: 64,
  sources: ["switch-latency", "meta-roce-2024"],
  notes: "Hop: 0.8 us of switch and 20 m of cable, an assumption.",
};
