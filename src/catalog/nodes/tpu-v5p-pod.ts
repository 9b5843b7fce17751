import { tpuV5p } from "../accelerators/tpu-v5p.ts";
import type { NodeType } from "../cluster.ts";
import { gigabits } from "../cluster.ts";

export const tpuV5pPod: NodeType = {
  name: "tpu-v5p-pod",
  aliases: ["tpu-v5p"],
  label: "TPU v5p host of 4 chips, pod of 8,960",
  accelerator: tpuV5p,
  acceleratorsPerNode: 4,
  scaleUp: { domain: 8960, topology: "torus-3d", bandwidth: tpuV5p.scaleUp.bandwidth, reduction: "none" },
  nics: { count: 1, bandwidth: gigabits(200), name: "DCN" },
  power: "unknown",
  fabric: "tpu-dcn",
  sources: ["google-tpu-v5p"],
  notes:
    "A node is a host with its chips; the domain is the whole pod: a slice is at most that, set scaleUp.domain for a smaller one. The largest slice that can be ordered has 6,144 chips.",
};
