/**
 * Sources of the hardware part. `recalled` marks a datasheet value written down from general knowledge of the
 * document, not read again when it was entered; everything else was read at the place given.
 */
import type { Source } from "./source.ts";

const read = "2026-11";

export const hardwareSources: Readonly<Record<string, Source>> = {
  "aiconfigurator-systems": {
    title: "AIConfigurator system descriptions (memory, dense peaks, links and power of 14 systems)",
    year: 2026,
    where: "NVIDIA, github.com/ai-dynamo/aiconfigurator, systems/*.yaml, Apache-2.0",
    url: "https://github.com/ai-dynamo/aiconfigurator",
    date: read,
    kind: "documentation",
  },
  "nvidia-a100": {
    title: "NVIDIA A100 Tensor Core GPU datasheet and architecture whitepaper",
    year: 2021,
    kind: "recalled",
  },
  "nvidia-a30": { title: "NVIDIA A30 Tensor Core GPU datasheet", year: 2021, kind: "recalled" },
  "nvidia-a40": { title: "NVIDIA A40 datasheet", year: 2021, kind: "recalled" },
  "nvidia-h100": { title: "NVIDIA H100 Tensor Core GPU datasheet and Hopper whitepaper", year: 2022, kind: "recalled" },
  "nvidia-h100-nvl": { title: "NVIDIA H100 NVL datasheet", year: 2023, kind: "recalled" },
  "nvidia-h100-pcie-brief": {
    title: "NVIDIA H100 PCIe GPU product brief PB-11133-001_v02 (350 W, memory above 2,000 GB/s)",
    year: 2022,
    date: read,
    kind: "datasheet",
  },
  "nvidia-h200": { title: "NVIDIA H200 Tensor Core GPU datasheet", year: 2023, kind: "recalled" },
  "nvidia-h800": {
    title: "NVIDIA H800: H100 with NVLink cut to 8 links, 400 GB/s both ways",
    year: 2023,
    kind: "recalled",
  },
  "nvidia-h20": {
    title: "NVIDIA H20: 148 TFLOP/s 16-bit, 296 8-bit, 96 GB, 4.0 TB/s, 900 GB/s NVLink, 400 W, 78 multiprocessors",
    year: 2024,
    where: "tweaktown.com 95224 and press tables of the leaked datasheet",
    url: "https://www.tweaktown.com/news/95224/nvidias-tweaked-h20-ai-gpu-enters-mass-production-in-q2-2024-destined-for-china/index.html",
    date: read,
    kind: "documentation",
  },
  "nvidia-blackwell": {
    title: "NVIDIA Blackwell datasheet (HGX B200, GB200 NVL72)",
    year: 2024,
    url: "https://nvdam.widen.net/s/wwnsxrhm2w/blackwell-datasheet-3384703",
    kind: "recalled",
  },
  "nvidia-blackwell-ultra": {
    title: "NVIDIA Blackwell Ultra datasheet (HGX B300, GB300 NVL72)",
    year: 2025,
    url: "https://resources.nvidia.com/en-us-blackwell-architecture/blackwell-ultra-datasheet",
    kind: "recalled",
  },
  "nvidia-ada": {
    title: "NVIDIA Ada datasheets and whitepaper (L4, L40S, GeForce RTX 4090)",
    year: 2023,
    kind: "recalled",
  },
  "nvidia-rtx-pro-6000": {
    title: "NVIDIA RTX PRO 6000 Blackwell Server Edition datasheet",
    year: 2025,
    kind: "recalled",
  },
  "pci-express": {
    title: "PCI Express base specification 4.0 and 5.0; links and host memory as in the boxes' datasheets",
    year: 2019,
    kind: "recalled",
  },
  "nvidia-grace-blackwell": {
    title: "NVIDIA GB200 superchip: NVLink-C2C 900 GB/s to Grace, LPDDR5X up to 512 GB/s",
    year: 2024,
    kind: "recalled",
  },
  "nvidia-dgx-a100": {
    title: "NVIDIA DGX A100 system datasheet (8x 200 Gbit/s HDR, 6.5 kW)",
    year: 2020,
    kind: "recalled",
  },
  "nvidia-dgx-h100": {
    title: "NVIDIA DGX H100/H200 user guide (8x ConnectX-7 400 Gbit/s, 10.2 kW)",
    year: 2023,
    kind: "recalled",
  },
  "nvidia-dgx-b200": {
    title: "NVIDIA DGX B200 user guide (8x ConnectX-7 400 Gbit/s, 1,440 GB, 14.3 kW)",
    year: 2025,
    url: "https://docs.nvidia.com/dgx/dgxb200-user-guide/introduction-to-dgxb200.html",
    date: read,
    kind: "documentation",
  },
  "nvidia-dgx-b300": {
    title: "NVIDIA DGX B300 user guide (8x ConnectX-8 800 Gbit/s, 14.5 kW)",
    year: 2025,
    where: "as collected in reference RA-11339 and vengineer.hatenablog.com 2025-12-06",
    date: read,
    kind: "documentation",
  },
  "nvidia-dps": {
    title:
      "NVIDIA Domain Power Service device specifications (GB200 1,200 W; compute tray 1.0 kW idle, 6.67 kW maximum)",
    year: 2026,
    url: "https://docs.nvidia.com/datacenter/dps/",
    kind: "documentation",
  },
  "nvidia-nvl72": {
    title:
      "NVIDIA GB200/GB300 NVL72: 18 trays of 4 GPUs in one NVLink domain; ConnectX-7 400G, ConnectX-8 800G per GPU",
    year: 2025,
    kind: "recalled",
  },
  "introl-gb300": {
    title: "GB300 NVL72 deployment guide: trays of 6.5-6.6 kW (estimate)",
    year: 2025,
    where: "introl.com",
    kind: "documentation",
  },
  "lambda-cpo": {
    title: "Lambda on Quantum-X800 Q3450-LD (B300 1,100 W, also 1,400 W quoted; GB300 1,400 W)",
    year: 2026,
    where: "convergedigest.com, nvda.ws",
    kind: "documentation",
  },
  "amd-instinct-power": {
    title:
      "AMD Instinct board power: MI300X 750 W (inkl.com 2023-06), MI350X 1,000 W and MI355X 1,400 W (Tom's Hardware 2025-06)",
    year: 2025,
    url: "https://www.tomshardware.com/pc-components/gpus/amds-instinct-mi355x-accelerator-will-consume-1-400-watts",
    date: read,
    kind: "documentation",
  },
  "amd-mi250x": { title: "AMD Instinct MI250X datasheet and CDNA 2 whitepaper", year: 2021, kind: "recalled" },
  "amd-mi250-architecture": {
    title: "AMD Instinct MI250 microarchitecture (Infinity Fabric 50 GB/s per link and direction)",
    url: "https://rocm.docs.amd.com/en/latest/reference/gpu-arch/mi250.html",
    date: read,
    kind: "documentation",
  },
  "amd-mi300x": { title: "AMD Instinct MI300X datasheet and CDNA 3 whitepaper", year: 2023, kind: "recalled" },
  "amd-mi325x": { title: "AMD Instinct MI325X datasheet", year: 2024, kind: "recalled" },
  "amd-mi355x": { title: "AMD Instinct MI355X datasheet and CDNA 4 whitepaper", year: 2025, kind: "recalled" },
  "amd-mi355x-isscc": {
    title: "ISSCC 2026: MI355X, 32 compute units per die, 8,192 FP8 FLOP per clock and unit, 5 PFLOP/s FP8",
    year: 2026,
    where: "world-today-news.com report of 2026-02-16",
    date: read,
    kind: "documentation",
  },
  "amd-gpu-specs": {
    title: "ROCm GPU hardware specifications (VRAM in GiB, compute units, caches)",
    year: 2026,
    url: "https://rocm.docs.amd.com/en/latest/reference/gpu-arch-specs.html",
    date: read,
    kind: "documentation",
  },
  "frontier-node": {
    title: "OLCF Frontier user guide: 4 MI250X (8 dies) a node, 50-200 GB/s links, 4x 200 Gbit/s Slingshot",
    year: 2023,
    url: "https://docs.olcf.ornl.gov/systems/frontier_user_guide.html",
    kind: "recalled",
  },
  "google-tpu-v4": { title: "Cloud TPU v4 documentation; TPU v4, ISCA 2023", year: 2023, kind: "recalled" },
  "google-tpu-v5e": {
    title: "Cloud TPU v5e documentation (197 TFLOP/s, 16 GB, 819 GB/s, ICI 1,600 Gbit/s, DCN 6.4 Tbit/s a pod of 256)",
    url: "https://cloud.google.com/tpu/docs/v5e",
    date: read,
    kind: "documentation",
  },
  "google-tpu-v5p": {
    title:
      "Cloud TPU v5p documentation (459 TFLOP/s, 95 GiB, 2,765 GB/s, ICI 1,200 GB/s both ways, DCN 50 Gbit/s a chip)",
    url: "https://docs.cloud.google.com/tpu/docs/v5p",
    date: read,
    kind: "documentation",
  },
  "google-tpu-v7x": {
    title: "TPU7x (Ironwood) documentation, with v5p and v6e beside it",
    year: 2025,
    url: "https://docs.cloud.google.com/tpu/docs/tpu7x",
    date: read,
    kind: "documentation",
  },
  "google-tpu-int8": { title: "int8 peaks of Cloud TPU v4 to v6e from the per-generation pages", kind: "recalled" },
  "palm-2022": {
    title: "PaLM: two TPU v4 pods of 3,072 chips, 81 Tbit/s between them over 1,536 hosts",
    year: 2022,
    where: "arXiv 2204.02311",
    kind: "recalled",
  },
  "intel-gaudi3": {
    title: "Intel Gaudi 3 at Hot Chips 2024 (with Gaudi 2 beside it)",
    year: 2024,
    where: "R. Kaplan, Hot Chips 36",
    url: "https://servethehome.com/intel-gaudi-3-for-ai-training-and-inference",
    date: read,
    kind: "documentation",
  },
  "intel-gaudi2": {
    title: "Intel Gaudi 2 datasheet and HLS-Gaudi2 system: 21 of 24 ports inside the node",
    year: 2022,
    kind: "recalled",
  },
  "aws-trainium2": {
    title: "AWS Neuron: Trainium2 architecture (1,299 FP8 and 667 BF16 TFLOP/s dense, 96 GiB, 2.9 TB/s, 8 cores)",
    year: 2025,
    url: "https://awsdocs-neuron.readthedocs-hosted.com/en/latest/about-neuron/arch/neuron-hardware/trainium2.html",
    date: read,
    kind: "documentation",
  },
  "aws-trn2": {
    title:
      "AWS trn2.48xlarge and Trn2 UltraServer: 16 and 64 chips, 4x4 torus, EFA 3.2 Tbit/s; link rates per direction",
    year: 2025,
    kind: "recalled",
  },
  "huawei-910c": {
    title: "The Register on CloudMatrix 384: 910C of two dies, 752 TFLOP/s dense 16-bit, 128 GB, 1.6 TB/s a die",
    year: 2025,
    where: "theregister.com 2025-07-29",
    date: read,
    kind: "documentation",
  },
  "huawei-atlas-800t-a2": {
    title: "Huawei Atlas 800T A2: 8x Ascend 910B, HCCS full mesh 7 x 28 GB/s a direction, 8x 200GE",
    year: 2023,
    kind: "recalled",
  },
  "meta-roce-2024": {
    title: "RDMA over Ethernet for Distributed AI Training at Meta Scale",
    year: 2024,
    where: "SIGCOMM 2024",
    kind: "paper",
  },
  "mlperf-training-v4-systems": {
    title: "MLPerf Training v4.0 system descriptions (L40S nodes of 4, H100 nodes, HLS-Gaudi2)",
    year: 2024,
    where: "github.com/mlcommons/training_results_v4.0",
    kind: "measurement",
  },
  "mosaicml-mpt-nodes": {
    title: "MosaicML LLM Foundry throughput tables (A100 nodes with 1,600 Gbit/s RoCE)",
    year: 2023,
    where: "github.com/mosaicml/llm-foundry, scripts/train/benchmarking",
    kind: "measurement",
  },
  "vtrain-nodes": {
    title: "vTrain validation configuration (A100 nodes with 800 Gbit/s)",
    year: 2024,
    where: "github.com/VIA-Research/vTrain",
    kind: "measurement",
  },
  "azure-ndv4": {
    title: "Azure ND A100 v4 and NDm A100 v4: 8 GPUs, 8x 200 Gbit/s HDR InfiniBand",
    year: 2021,
    kind: "recalled",
  },
  "aws-p5": { title: "AWS p5.48xlarge and p5en.48xlarge: 3,200 Gbit/s EFA a node", year: 2024, kind: "recalled" },
  "al-fares-2008": {
    title: "A Scalable, Commodity Data Center Network Architecture (k-ary fat tree: k^3/4 hosts in three tiers)",
    year: 2008,
    where: "SIGCOMM 2008",
    kind: "paper",
  },
  "switch-latency": {
    title:
      "Switch hop latency: InfiniBand Quantum 130 ns, Ethernet of the Tomahawk class below 1 us, copper and fibre 5 ns/m",
    kind: "recalled",
  },
  "pcie-rates": { title: "PCI Express x16 rates: Gen4 32 GB/s, Gen5 64 GB/s per direction", kind: "standard" },
};
