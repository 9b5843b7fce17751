import type { Fabric } from "../cluster.ts";

export const infinibandXdr: Fabric = {
  name: "infiniband-xdr",
  aliases: ["xdr"],
  label: "InfiniBand XDR, 800 Gbit/s, non-blocking rail-optimised fat tree",
  transport: "infiniband",
  topology: "rail-optimised",
  tiers: 2,
  oversubscription: [1],
  hopLatency: 0.23e-6,
  radix: 144,
  sources: ["switch-latency", "lambda-cpo"],
  notes: "Hop: 130 ns of switch and 20 m of cable, an assumption.",
};
