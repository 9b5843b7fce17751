import { tpuV7x } from "../accelerators/tpu-v7x.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const tpuV7xPod: NodeType = {
  name: "tpu-v7x-pod",
  aliases: ["tpu-v7x", "ironwood"],
  label: "TPU7x host of 4 chips, pod of 9,216",
  accelerator: tpuV7x,
  acceleratorsPerNode: 4,
  scaleUp: { domain: 9216, topology: "torus-3d", bandwidth: tpuV7x.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(400), name: "DCN" },
  power: "unknown",
  fabric: "tpu-dcn",
  sources: ["google-tpu-v7x"],
  notes:
    "A node is a host with its chips; the domain is the whole pod: a slice is at most that, set scaleUp.domain for a smaller one.",
};
