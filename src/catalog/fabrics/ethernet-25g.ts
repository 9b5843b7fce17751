import type { Fabric } from "../cluster.ts";

export const ethernet25g: Fabric = {
  name: "ethernet-25g",
  aliases: ["ethernet"],
  label: "Ethernet, 25 Gbit/s or less",
  transport: "ethernet",
  topology: "fat-tree",
  tiers: 2,
  oversubscription: [1],
  hopLatency: 0.9e-6,
  radix: 64,
  sources: ["switch-latency"],
  notes: "Hop: 0.8 us of switch and 20 m of cable, an assumption.",
};
