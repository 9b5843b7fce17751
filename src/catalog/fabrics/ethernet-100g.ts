import type { Fabric } from "../cluster.ts";

export const ethernet100g: Fabric = {
  name: "ethernet-100g",
  label: "Ethernet, 100 Gbit/s",
  transport: "ethernet",
  topology: "fat-tree",
  tiers: 2,
  oversubscription: [1],
  hopLatency: 0.9e-6,
  radix: 64,
  sources: ["switch-latency"],
  notes: "Hop: 0.8 us of switch and 20 m of cable, an assumption.",
};
