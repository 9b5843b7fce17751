/** Sources of training over pools of different hardware. */
import type { Source } from "./source.ts";

export const poolSources: Readonly<Record<string, Source>> = {
  "harlap-2018": {
    title: "PipeDream: Fast and Efficient Pipeline Parallel DNN Training",
    year: 2018,
    url: "https://arxiv.org/abs/1806.03377",
    kind: "paper",
  },
  "um-2024-metis": {
    title: "Metis: Fast Automatic Distributed Training on Heterogeneous GPUs",
    year: 2024,
    url: "https://www.usenix.org/conference/atc24/presentation/um",
    kind: "paper",
  },
  "tang-2025-h2": {
    title: "H2: Towards Efficient Large-Scale LLM Training on Hyper-Heterogeneous Cluster over 1,000 Chips",
    year: 2025,
    url: "https://arxiv.org/abs/2505.17548",
    kind: "paper",
  },
};
