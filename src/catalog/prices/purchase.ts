/** What accelerators and servers were bought for. Ranges where the source gives one. */

import type { PriceKind, PurchaseQuote } from "./price.ts";

type Row = readonly [
  item: string,
  accelerator: string,
  accelerators: number,
  kind: PriceKind,
  low: number,
  high: number,
  date: string,
  source: string,
  notes?: string,
];

const rows: readonly Row[] = [
  ["A100", "a100-sxm-80gb", 1, "list", 12_500, 15_000, "2020/2022", "epoch-hardware"],
  ["DGX A100 320 GB", "a100-sxm-40gb", 8, "list", 199_000, 199_000, "2020-05", "epoch-hardware"],
  ["DGX A100 640 GB", "a100-sxm-80gb", 8, "street", 300_000, 300_000, "2021-06", "epoch-hardware"],
  ["H100 SXM", "h100-sxm", 1, "street", 31_250, 31_250, "2025-03", "epoch-hardware"],
  ["H100 PCIe", "h100-pcie", 1, "street", 24_500, 35_100, "2025-03", "epoch-hardware"],
  ["HGX H100 server", "h100-sxm", 8, "street", 248_956, 248_956, "2023-09", "epoch-hardware"],
  ["HGX H100 server", "h100-sxm", 8, "street", 288_142, 288_142, "2024-07", "epoch-hardware"],
  ["HGX H100 server", "h100-sxm", 8, "street", 255_237, 255_237, "2025-01", "epoch-hardware"],
  ["HGX H100 server, 8x 400G InfiniBand", "h100-sxm", 8, "street", 310_000, 310_000, "2024-08", "h100-sheet"],
  ["DGX H100", "h100-sxm", 8, "street", 355_900, 355_900, "2022-09", "epoch-hardware"],
  ["DGX H100", "h100-sxm", 8, "street", 329_600, 329_600, "2023-12", "epoch-hardware"],
  ["DGX H100", "h100-sxm", 8, "street", 375_000, 375_000, "2025-03", "epoch-hardware"],
  ["HGX H200 server", "h200-sxm", 8, "street", 312_667, 312_667, "2025-01", "epoch-hardware", "on sale"],
  ["DGX B200", "b200-sxm", 8, "street", 379_300, 379_300, "2024-12", "epoch-hardware"],
  ["MI300X server", "mi300x", 8, "street", 205_900, 205_900, "2025-02", "epoch-hardware"],
  ["GB200 NVL72 rack", "gb200", 72, "estimate", 2e6, 3e6, "unknown", "kshirol"],
  ["GB200 NVL72 rack", "gb200", 72, "estimate", 3.1e6, 3.1e6, "2026", "fetchlogic"],
  ["GB300 NVL72 rack", "gb300", 72, "estimate", 3e6, 3e6, "2025-09", "bizety"],
  ["TPU v5e chip", "tpu-v5e", 1, "estimate", 1781, 1781, "2025-03", "epoch-hardware", "from manufacturing cost"],
  ["TPU v5p chip", "tpu-v5p", 1, "estimate", 3694, 3694, "2025-03", "epoch-hardware", "from manufacturing cost"],
  ["TPU v6e chip", "tpu-v6e", 1, "estimate", 6518, 6518, "2025-03", "epoch-hardware", "from manufacturing cost"],
  ["Gaudi 2, eight", "gaudi2", 8, "list", 65_000, 65_000, "2024-06", "epoch-hardware"],
];

export const purchaseQuotes: readonly PurchaseQuote[] = Object.freeze(
  rows.map(([item, accelerator, accelerators, kind, low, high, date, source, notes]) => ({
    item,
    accelerator,
    accelerators,
    kind,
    low,
    high,
    date,
    source,
    ...(notes === undefined ? {} : { notes }),
  })),
);
