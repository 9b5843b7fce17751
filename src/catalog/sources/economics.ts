/** Sources of the economics part: prices, power measured in operation, facilities. `date` is that of the figures. */
import type { Source } from "./source.ts";

export const economicsSources: Readonly<Record<string, Source>> = {
  acme: {
    title: "AcmeTrace power of GPUs and servers (cumulative distributions)",
    year: 2024,
    where: "InternLM AcmeTrace, CC-BY-4.0",
    url: "https://github.com/InternLM/AcmeTrace",
    kind: "measurement",
  },
  aimultiple: {
    title: "GPU price index (37 sellers)",
    where: "aimultiple.com/gpu-index",
    date: "2026-05-20",
    kind: "price",
  },
  "api-evangelist": {
    title: "Price pages of Akash, CoreWeave, Lambda, Mithril, Hyperstack, Qubrid and RunPod, transcribed",
    where: "github.com/api-evangelist",
    date: "2026-08-26/2026-10-07",
    kind: "price",
  },
  "aws-capacity-blocks": { title: "EC2 Capacity Blocks price page", where: "AWS", date: "2024-12", kind: "price" },
  bizety: {
    title: "GB300 deployment price; depreciation years of neoclouds",
    where: "bizety.com",
    date: "2025-09-23",
    kind: "price",
  },
  cliffcenter: {
    title: "AMD inference economics",
    where: "cliffcenter.com/research/amd-inference-economics",
    date: "2026-05-18",
    kind: "price",
  },
  compux: {
    title: "GPU pricing trends 2026 (quotes an H100 index)",
    where: "compux.net/docs/guides/gpu-pricing-trends-2026",
    date: "2026-03",
    kind: "price",
  },
  "data-receipts": {
    title: "GPU price receipts",
    where: "github.com/datareceipts/data-receipts, 109-gpu-pricing",
    date: "2026-11-09",
    kind: "price",
  },
  "epoch-hardware": {
    title: "Training cost trends: hardware prices and cost model",
    year: 2025,
    where: "github.com/epoch-research/training-cost-trends; arXiv 2405.21015",
    date: "2025-03",
    kind: "price",
  },
  fetchlogic: { title: "GB200 NVL72 rack price", where: "fetchlogic.net", date: "2026", kind: "price" },
  "h100-sheet": {
    title: "H100 Freakonomics: cluster price sheet",
    where: "substack.tech-talk-cto.com",
    date: "2024-08",
    kind: "price",
  },
  inferencex: {
    title: "InferenceX cost of ownership and all-in power per accelerator (estimates)",
    where: "github.com/SemiAnalysisAI/InferenceX-app, 77ca49a",
    date: "2026-04-03",
    kind: "price",
  },
  kshirol: {
    title: "Training clusters: NVL72 rack price (undated)",
    where: "kshirol-dev.github.io/training-clusters",
    kind: "price",
  },
  latif: {
    title: "Power of 8x H100 training nodes: peak 8.4 of 10.2 kW",
    year: 2025,
    where: "IEEE Access 13, 61740",
    kind: "measurement",
  },
  mlenergy: {
    title: "ML.ENERGY benchmark v3: H100 at 300 W (batch 1) to 600 W (batch 128)",
    year: 2026,
    where: "arXiv 2601.22076",
    kind: "measurement",
  },
  "ma-decode-power": {
    title: "H200 decode draws 137-300 W of 700",
    year: 2026,
    where: "arXiv 2605.11999",
    kind: "measurement",
  },
  "fleet-sim": {
    title: "B200 decode power over context (Llama 3.1 70B, TP 8)",
    year: 2026,
    where: "github.com/vllm-project/semantic-router, fleet-sim",
    kind: "measurement",
  },
  newkirk: {
    title: "Power of AI training nodes: heavy jobs draw 76 % of rating on average",
    year: 2025,
    where: "arXiv 2506.14551",
    kind: "measurement",
  },
  "runpod-2024": { title: "RunPod MI300X page at launch (undated)", year: 2024, kind: "price" },
  silybench: {
    title: "gpu_prices.csv",
    where: "github.com/tgarg01/silybench-data",
    date: "2026-09/2026-10",
    kind: "price",
  },
  skypilot: {
    title: "SkyPilot catalogue: Oracle and Google prices (undated; late 2025 or 2026)",
    where: "github.com/skypilot-org/skypilot-catalog v8",
    date: "2025-07/2026-11",
    kind: "price",
  },
  spheron: { title: "Spheron price page", where: "spheron.network", date: "2026-03-18", kind: "price" },
  tokenwatt: {
    title: "GPU cloud prices",
    where: "huggingface.co/datasets/tokenwatt/gpu-cloud-prices",
    date: "2026-10-08",
    kind: "price",
  },
  "cbre-colocation": {
    title: "Colocation in North America, 184 $/kW and month for 250 to 500 kW in the first half of 2025 (after CBRE)",
    where: "datacenterknowledge.com",
    date: "2026-01-14",
    kind: "price",
  },
  "depreciation-filings": {
    title: "Years over which clouds write servers off, after their annual filings",
    where: "wiresift.com/ai-server-depreciation; thefactum.ai",
    date: "2026",
    kind: "price",
  },
  "capital-recovery": { title: "Capital recovery factor (engineering economics)", kind: "standard" },
  "pue-survey": {
    title:
      "Power usage effectiveness: industry mean 1.58, AWS 1.15, Microsoft 1.18, Google 1.10, Meta 1.08; liquid-cooled halls 1.05-1.20",
    year: 2024,
    where: "upsite.com after Uptime Institute 2023; datacenterdynamics.com 2024-12",
    kind: "documentation",
  },
};
