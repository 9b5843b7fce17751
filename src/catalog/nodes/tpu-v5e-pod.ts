import { tpuV5e } from "../accelerators/tpu-v5e.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const tpuV5ePod: NodeType = {
  name: "tpu-v5e-pod",
  aliases: ["tpu-v5e"],
  label: "TPU v5e host of 8 chips, pod of 256",
  accelerator: tpuV5e,
  acceleratorsPerNode: 8,
  scaleUp: { domain: 256, topology: "torus-2d", bandwidth: tpuV5e.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(200), name: "DCN" },
  power: "unknown",
  fabric: "tpu-dcn",
  sources: ["google-tpu-v5e"],
  notes:
    "A node is a host with its chips; the domain is the whole pod: a slice is at most that, set scaleUp.domain for a smaller one. 6.4 Tbit/s a pod.",
};
