import { tpuV4 } from "../accelerators/tpu-v4.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const tpuV4Pod: NodeType = {
  name: "tpu-v4-pod",
  aliases: ["tpu-v4"],
  label: "TPU v4 host of 4 chips, pod of 4,096",
  accelerator: tpuV4,
  acceleratorsPerNode: 4,
  scaleUp: { domain: 4096, topology: "torus-3d", bandwidth: tpuV4.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(50), name: "DCN" },
  power: "unknown",
  fabric: "tpu-dcn",
  sources: ["google-tpu-v4", "palm-2022"],
  notes:
    "A node is a host with its chips; the domain is the whole pod: a slice is at most that, set scaleUp.domain for a smaller one. 50 Gbit/s a host from 81 Tbit/s over 1,536 hosts.",
};
