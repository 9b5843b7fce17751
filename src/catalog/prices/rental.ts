/** What an accelerator-hour was offered for. One row is one offer; `unspecified` regions are mostly the USA. */

import type { PriceKind, RentalQuote, RentalTerm, SellerClass } from "./price.ts";

type Row = readonly [seller: string, dollarsPerHour: number, date: string, source: string, notes?: string];

interface Group {
  readonly accelerator: string;
  readonly sellerClass: SellerClass;
  readonly kind?: PriceKind;
  readonly term?: RentalTerm;
  readonly region?: string;
  readonly rows: readonly Row[];
}

/** A catalogue without a date that lists GB300 and MI355X. */
const undated = "2025-07/2026-11";
const transcribed = "2026-08/2026-10";

const oracle = (dollarsPerHour: number): Row => ["Oracle", dollarsPerHour, undated, "skypilot"];
const analyst = (dollarsPerHour: number, notes?: string): Row =>
  notes === undefined
    ? ["analyst", dollarsPerHour, "2026-04-03", "inferencex"]
    : ["analyst", dollarsPerHour, "2026-04-03", "inferencex", notes];

const groups: readonly Group[] = [
  { accelerator: "a100-sxm-40gb", sellerClass: "specialised", rows: [["Lambda", 1.99, "2026-09", "api-evangelist"]] },
  { accelerator: "a100-sxm-40gb", sellerClass: "hyperscaler", rows: [["AWS", 2.74, "2026-11-09", "data-receipts"]] },
  {
    accelerator: "a100-sxm-40gb",
    sellerClass: "hyperscaler",
    term: "1-year",
    rows: [["AWS", 2.4, "2022-12", "epoch-hardware"]],
  },
  {
    accelerator: "a100-sxm-40gb",
    sellerClass: "hyperscaler",
    term: "3-year",
    rows: [["AWS", 1.45, "2022-12", "epoch-hardware"]],
  },
  {
    accelerator: "a100-sxm-40gb",
    sellerClass: "hyperscaler",
    term: "capacity-block",
    rows: [["AWS", 1.84, "2024-12", "aws-capacity-blocks"]],
  },
  {
    accelerator: "a100-sxm-80gb",
    sellerClass: "specialised",
    rows: [
      ["RunPod secure", 1.79, "2026-11-09", "data-receipts"],
      ["Lambda", 2.79, "2026-09", "api-evangelist"],
    ],
  },
  {
    accelerator: "a100-sxm-80gb",
    sellerClass: "marketplace",
    rows: [["RunPod community", 1.39, "2026-11-09", "data-receipts"]],
  },
  {
    accelerator: "a100-sxm-80gb",
    sellerClass: "hyperscaler",
    rows: [["AWS", 3.43, "2026-11-09", "data-receipts"], oracle(4)],
  },
  {
    accelerator: "a100-sxm-80gb",
    sellerClass: "hyperscaler",
    term: "1-year",
    rows: [["AWS", 3, "2022-12", "epoch-hardware"]],
  },
  {
    accelerator: "a100-sxm-80gb",
    sellerClass: "hyperscaler",
    term: "3-year",
    rows: [["AWS", 1.81, "2022-12", "epoch-hardware"]],
  },
  {
    accelerator: "a100-sxm-80gb",
    sellerClass: "marketplace",
    kind: "rental",
    term: "spot",
    rows: [["Akash", 1.71, "2026-09", "api-evangelist"]],
  },
  {
    accelerator: "h100-sxm",
    sellerClass: "specialised",
    rows: [
      ["RunPod secure", 3.99, "2026-11-09", "data-receipts"],
      ["Hyperstack", 3.2, "2026-08", "api-evangelist"],
      ["Lambda", 3.99, "2026-09", "api-evangelist"],
      ["CoreWeave", 6.16, "2026-09", "api-evangelist"],
      ["Nebius", 3.85, "2026-09", "silybench"],
    ],
  },
  {
    accelerator: "h100-sxm",
    sellerClass: "marketplace",
    rows: [["RunPod community", 2.69, "2026-11-09", "data-receipts"]],
  },
  {
    accelerator: "h100-sxm",
    sellerClass: "marketplace",
    kind: "rental",
    rows: [
      ["median of 37 sellers", 2.95, "2026-05-20", "aimultiple"],
      ["market index", 2.35, "2026-03", "compux"],
      ["Vast median", 2.4, "2026-10", "silybench"],
    ],
  },
  {
    accelerator: "h100-sxm",
    sellerClass: "hyperscaler",
    rows: [
      ["AWS", 6.88, "2026-11-09", "data-receipts"],
      ["Azure", 12.29, "2026-11-09", "data-receipts"],
      ["Google", 10.98, "2026-09", "silybench"],
      oracle(10),
    ],
  },
  {
    accelerator: "h100-sxm",
    sellerClass: "hyperscaler",
    term: "1-year",
    rows: [["Google", 7.67, "2025-03", "epoch-hardware"]],
  },
  {
    accelerator: "h100-sxm",
    sellerClass: "hyperscaler",
    term: "3-year",
    rows: [["Google", 4.86, "2025-03", "epoch-hardware"]],
  },
  { accelerator: "h100-sxm", sellerClass: "specialised", kind: "estimate", term: "3-year", rows: [analyst(1.3)] },
  {
    accelerator: "h100-sxm",
    sellerClass: "specialised",
    kind: "rental",
    term: "spot",
    rows: [
      ["Mithril", 1.5, "2026-09", "api-evangelist", "seven-day mean"],
      ["CoreWeave", 2.46, "2026-09", "api-evangelist"],
    ],
  },
  {
    accelerator: "h200-sxm",
    sellerClass: "specialised",
    rows: [
      ["Hyperstack", 3.99, "2026-08", "api-evangelist"],
      ["RunPod secure", 4.59, "2026-10", "api-evangelist"],
      ["Spheron", 4.54, "2026-03-18", "spheron"],
    ],
  },
  {
    accelerator: "h200-sxm",
    sellerClass: "hyperscaler",
    rows: [["AWS", 10.6, "2025-03", "epoch-hardware", "before its price cut"], oracle(10)],
  },
  {
    accelerator: "h200-sxm",
    sellerClass: "specialised",
    term: "1-year",
    rows: [["Qubrid", 3, "2026-09", "api-evangelist", "bare metal, from 210,240 dollars a server and year"]],
  },
  { accelerator: "h200-sxm", sellerClass: "specialised", kind: "estimate", term: "3-year", rows: [analyst(1.6)] },
  {
    accelerator: "h200-sxm",
    sellerClass: "specialised",
    kind: "rental",
    term: "spot",
    rows: [["Mithril", 2.16, "2026-09", "api-evangelist"]],
  },
  {
    accelerator: "b200-sxm",
    sellerClass: "specialised",
    rows: [
      ["Akash", 5, "2026-09", "api-evangelist"],
      ["Hyperstack", 6, "2026-08", "api-evangelist"],
      ["Lambda", 6.69, transcribed, "api-evangelist"],
      ["RunPod secure", 6.79, transcribed, "api-evangelist"],
      ["CoreWeave", 8.6, transcribed, "api-evangelist"],
    ],
  },
  { accelerator: "b200-sxm", sellerClass: "hyperscaler", rows: [oracle(14)] },
  {
    accelerator: "b200-sxm",
    sellerClass: "specialised",
    term: "1-year",
    rows: [["Qubrid", 4.25, "2026-09", "api-evangelist"]],
  },
  { accelerator: "b200-sxm", sellerClass: "specialised", kind: "estimate", term: "3-year", rows: [analyst(2.9)] },
  {
    accelerator: "b200-sxm",
    sellerClass: "specialised",
    kind: "rental",
    term: "spot",
    rows: [["CoreWeave", 4.26, "2026-09", "api-evangelist"]],
  },
  {
    accelerator: "b300-sxm",
    sellerClass: "specialised",
    rows: [
      ["Akash", 6, transcribed, "api-evangelist"],
      ["Hyperstack", 7.4, transcribed, "api-evangelist"],
      ["RunPod secure", 7.89, transcribed, "api-evangelist"],
    ],
  },
  { accelerator: "b300-sxm", sellerClass: "hyperscaler", rows: [oracle(15)] },
  {
    accelerator: "b300-sxm",
    sellerClass: "specialised",
    term: "1-year",
    rows: [["Qubrid", 5.56, "2026-09", "api-evangelist"]],
  },
  {
    accelerator: "b300-sxm",
    sellerClass: "specialised",
    kind: "estimate",
    term: "3-year",
    rows: [analyst(3.48, "marked temporary by its source")],
  },
  {
    accelerator: "gb200",
    sellerClass: "specialised",
    rows: [
      ["CoreWeave", 10.5, "2026-09", "api-evangelist"],
      ["Spheron", 4.54, "2026-03-18", "spheron", "9.08 a superchip of two"],
    ],
  },
  { accelerator: "gb200", sellerClass: "hyperscaler", rows: [oracle(16)] },
  { accelerator: "gb200", sellerClass: "specialised", kind: "estimate", term: "3-year", rows: [analyst(3.3)] },
  { accelerator: "gb300", sellerClass: "hyperscaler", rows: [oracle(18)] },
  {
    accelerator: "gb300",
    sellerClass: "specialised",
    kind: "estimate",
    term: "3-year",
    rows: [analyst(3.96, "marked temporary by its source")],
  },
  {
    accelerator: "mi300x",
    sellerClass: "specialised",
    rows: [
      ["TensorWave", 1.5, "2026-05-18", "cliffcenter"],
      ["Vultr", 1.85, "2026-05-18", "cliffcenter"],
      ["DigitalOcean", 2.59, "2026-10-08", "tokenwatt"],
    ],
  },
  {
    accelerator: "mi300x",
    sellerClass: "hyperscaler",
    rows: [oracle(6), ["Azure", 6, "2026-05-18", "cliffcenter", "about"]],
  },
  {
    accelerator: "mi300x",
    sellerClass: "specialised",
    term: "1-year",
    rows: [["RunPod secure", 3.25, "2024", "runpod-2024", "launch period"]],
  },
  {
    accelerator: "mi300x",
    sellerClass: "specialised",
    term: "3-year",
    rows: [["RunPod secure", 2.45, "2024", "runpod-2024", "launch period"]],
  },
  { accelerator: "mi300x", sellerClass: "specialised", kind: "estimate", term: "3-year", rows: [analyst(1.55)] },
  {
    accelerator: "mi300x",
    sellerClass: "specialised",
    kind: "rental",
    term: "spot",
    rows: [["Crusoe", 1.71, "2026-05-18", "cliffcenter"]],
  },
  { accelerator: "mi325x", sellerClass: "specialised", rows: [["TensorWave", 1.95, "2026-05-18", "cliffcenter"]] },
  { accelerator: "mi325x", sellerClass: "specialised", kind: "estimate", term: "3-year", rows: [analyst(1.8)] },
  { accelerator: "mi355x", sellerClass: "hyperscaler", rows: [oracle(8.6)] },
  { accelerator: "mi355x", sellerClass: "specialised", kind: "estimate", term: "3-year", rows: [analyst(2.1)] },
  {
    accelerator: "l40s",
    sellerClass: "specialised",
    rows: [
      ["RunPod secure", 0.86, "2025-03", "epoch-hardware"],
      ["Cudo", 0.88, "2025-03", "epoch-hardware"],
    ],
  },
  { accelerator: "l40s", sellerClass: "hyperscaler", rows: [oracle(3.5)] },
  {
    accelerator: "tpu-v5e",
    sellerClass: "hyperscaler",
    region: "USA",
    rows: [["Google", 1.2, "2025-03", "epoch-hardware", "1.32 to 1.56 elsewhere"]],
  },
  {
    accelerator: "tpu-v5e",
    sellerClass: "hyperscaler",
    region: "USA",
    term: "1-year",
    rows: [["Google", 0.84, "2025-03", "epoch-hardware"]],
  },
  {
    accelerator: "tpu-v5e",
    sellerClass: "hyperscaler",
    region: "USA",
    term: "3-year",
    rows: [["Google", 0.54, "2025-03", "epoch-hardware"]],
  },
  {
    accelerator: "tpu-v5p",
    sellerClass: "hyperscaler",
    rows: [["Google", 4.2, undated, "skypilot", "25,804.8 for 12,288 cores, that is 6,144 chips"]],
  },
  {
    accelerator: "tpu-v5p",
    sellerClass: "hyperscaler",
    kind: "rental",
    term: "spot",
    region: "us-central1",
    rows: [["Google", 0.84, undated, "skypilot"]],
  },
  {
    accelerator: "tpu-v6e",
    sellerClass: "hyperscaler",
    region: "USA",
    rows: [["Google", 2.7, "2025-03", "epoch-hardware", "2.97 to 3.24 elsewhere"]],
  },
  {
    accelerator: "tpu-v6e",
    sellerClass: "hyperscaler",
    region: "USA",
    term: "1-year",
    rows: [["Google", 1.89, "2025-03", "epoch-hardware"]],
  },
  {
    accelerator: "tpu-v6e",
    sellerClass: "hyperscaler",
    region: "USA",
    term: "3-year",
    rows: [["Google", 1.22, "2025-03", "epoch-hardware"]],
  },
];

export const rentalQuotes: readonly RentalQuote[] = Object.freeze(
  groups.flatMap(({ accelerator, sellerClass, kind = "list", term = "on-demand", region = "unspecified", rows }) =>
    rows.map(([seller, dollarsPerHour, date, source, notes]) => ({
      accelerator,
      seller,
      sellerClass,
      kind,
      term,
      dollarsPerHour,
      region,
      date,
      source,
      ...(notes === undefined ? {} : { notes }),
    })),
  ),
);
