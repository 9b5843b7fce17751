import type { Fabric } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const alibabaHpn: Fabric = {
  name: "alibaba-hpn",
  aliases: ["hpn"],
  label: "Alibaba HPN: dual plane, dual ToR, 1,024 GPUs a segment, 15,360 a pod in two tiers",
  transport: "roce",
  topology: "dual-plane",
  tiers: 2,
  oversubscription: [128 / 120],
  hopLatency: 0.9e-6,
  nodesPerLeaf: 128,
  uplinkBandwidth: gigabits(400),
  routing: { policy: "ecmp", queuePairs: 2, forwarding: "rail" },
  sources: ["qian-2024-hpn", "switch-latency"],
  notes:
    "128 ports of 200 Gbit/s below a leaf and 60 of 400 above it. Two queue pairs a connection, and the hop (0.8 us of switch and 20 m of cable), are assumptions; the third tier, 15:1, is left out.",
};
