import { tpuV6e } from "../accelerators/tpu-v6e.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const tpuV6ePod: NodeType = {
  name: "tpu-v6e-pod",
  aliases: ["tpu-v6e"],
  label: "TPU v6e host of 4 chips, pod of 256",
  accelerator: tpuV6e,
  acceleratorsPerNode: 4,
  scaleUp: { domain: 256, topology: "torus-2d", bandwidth: tpuV6e.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(400), name: "DCN" },
  power: "unknown",
  fabric: "tpu-dcn",
  sources: ["google-tpu-v7x"],
  notes:
    "A node is a host with its chips; the domain is the whole pod: a slice is at most that, set scaleUp.domain for a smaller one.",
};
