import type { Fabric } from "../cluster.ts";

export const infinibandNdr: Fabric = {
  name: "infiniband-ndr",
  aliases: ["ndr", "infiniband"],
  label: "InfiniBand NDR, 400 Gbit/s, non-blocking rail-optimised fat tree",
  transport: "infiniband",
  topology: "rail-optimised",
  tiers: 2,
  oversubscription: [1],
  hopLatency: 0.23e-6,
  radix: 64,
  sources: ["switch-latency", "nvidia-dgx-h100"],
  notes: "Hop: 130 ns of switch and 20 m of cable, an assumption.",
};
