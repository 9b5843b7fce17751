import type { Fabric } from "../cluster.ts";

export const slingshot: Fabric = {
  name: "slingshot",
  label: "HPE Slingshot-11, 200 Gbit/s",
  transport: "ethernet",
  topology: "fat-tree",
  tiers: 2,
  oversubscription: [1],
  hopLatency: 0.9e-6,
  routing: { policy: "adaptive", queuePairs: 1, forwarding: "own" },
  sources: ["frontier-node", "switch-latency", "desensi-2020-slingshot"],
  notes: "A dragonfly in reality; taken as a non-blocking tree. Routing is adaptive, packet by packet.",
};
