import type { Fabric } from "../cluster.ts";

export const infinibandHdr: Fabric = {
  name: "infiniband-hdr",
  aliases: ["hdr"],
  label: "InfiniBand HDR, 200 Gbit/s, non-blocking rail-optimised fat tree",
  transport: "infiniband",
  topology: "rail-optimised",
  tiers: 2,
  oversubscription: [1],
  hopLatency: 0.23e-6,
  radix: 40,
  sources: ["switch-latency", "nvidia-dgx-a100"],
  notes: "Hop: 130 ns of switch and 20 m of cable, an assumption.",
};
