/** Sources of the network part. */
import type { Source } from "./source.ts";

const read = "2026-11";

export const networkSources: Readonly<Record<string, Source>> = {
  "nccl-tuning": {
    title: "NCCL 2.30.7, src/graph/tuning.cc: latencies, bandwidth caps and corrections of the algorithm choice",
    year: 2026,
    where: "NVIDIA, github.com/NVIDIA/nccl",
    url: "https://github.com/NVIDIA/nccl",
    date: read,
    kind: "source-code",
  },
  "nccl-tests-performance": {
    title: "nccl-tests, PERFORMANCE.md: sizes, algorithm and bus bandwidth",
    where: "NVIDIA, github.com/NVIDIA/nccl-tests",
    url: "https://github.com/NVIDIA/nccl-tests/blob/master/doc/PERFORMANCE.md",
    date: read,
    kind: "documentation",
  },
  "nccl-tests-issues": {
    title: "nccl-tests issues 152, 175, 232, 252, 283, 290: measured bandwidths over InfiniBand",
    where: "github.com/NVIDIA/nccl-tests/issues",
    url: "https://github.com/NVIDIA/nccl-tests/issues",
    date: read,
    kind: "measurement",
  },
  "nccl-1229": {
    title: "NCCL issue 1229: reduce-scatter of H100 on 4 to 128 nodes",
    url: "https://github.com/NVIDIA/nccl/issues/1229",
    date: read,
    kind: "measurement",
  },
  "nccl-1368": {
    title: "NCCL issue 1368: ring against tree on 40 H100 over RoCE",
    url: "https://github.com/NVIDIA/nccl/issues/1368",
    date: read,
    kind: "measurement",
  },
  "nccl-1455": {
    title: "NCCL issue 1455: NVLS bus bandwidth of H100 by number of GPUs",
    url: "https://github.com/NVIDIA/nccl/issues/1455",
    date: read,
    kind: "measurement",
  },
  "ml-engineering-nccl": {
    title: "Machine Learning Engineering, network chapter: H200 and A100 all-reduce sweeps, NVLS by GPU count, EFA",
    where: "S. Bekman, github.com/stas00/ml-engineering",
    url: "https://github.com/stas00/ml-engineering/tree/master/network",
    date: read,
    kind: "measurement",
  },
  "aiconfigurator-comm": {
    title: "AIConfigurator collected communication tables: NCCL, DeepEP and TensorRT-LLM on A100 to GB200",
    year: 2026,
    where: "NVIDIA, github.com/ai-dynamo/aiconfigurator, Apache-2.0",
    url: "https://github.com/ai-dynamo/aiconfigurator",
    date: read,
    kind: "measurement",
  },
  "vidur-network": {
    title: "Vidur profiling data: all-reduce and send-receive on A100 and H100",
    where: "Microsoft, github.com/microsoft/vidur, MIT",
    url: "https://github.com/microsoft/vidur",
    date: read,
    kind: "measurement",
  },
  "simai-ratios": {
    title: "SimAI: efficiency of collectives over NICs by size and nodes (ratio tables)",
    where: "Alibaba, github.com/aliyun/SimAI",
    url: "https://github.com/aliyun/SimAI",
    date: read,
    kind: "measurement",
  },
  "deepep-2025": {
    title: "DeepEP: expert-parallel communication library, published bandwidths of normal kernels V1 and V2",
    year: 2025,
    where: "DeepSeek, github.com/deepseek-ai/DeepEP",
    url: "https://github.com/deepseek-ai/DeepEP",
    date: read,
    kind: "measurement",
  },
  "hybridep-2025": {
    title: "Hybrid-EP: published bandwidths on H100, B200 and GB200 (docs/README_Hybrid-EP.md of DeepEP)",
    year: 2025,
    where: "NVIDIA, github.com/deepseek-ai/DeepEP",
    url: "https://github.com/deepseek-ai/DeepEP/blob/main/docs/README_Hybrid-EP.md",
    date: read,
    kind: "measurement",
  },
  "pat-2025": {
    title: "PAT: a new algorithm for all-gather and reduce-scatter operations at scale",
    year: 2025,
    where: "arXiv 2506.20252",
    url: "https://arxiv.org/abs/2506.20252",
    date: read,
    kind: "paper",
  },
  "rccl-mi300x": {
    title: "RCCL all-reduce on eight MI300X: about 310 GB/s of bus bandwidth over 448 GB/s of direct links",
    year: 2024,
    kind: "recalled",
  },
};
