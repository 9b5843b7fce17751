/** A row of the silicon sample, from the columns of the CSV or from a transcribed row, in one form. */

import type { Assumption } from "../../record.ts";
import { assume } from "../converter.ts";
import { countOf, numberOf, type RawRow, textOf } from "../raw.ts";

export interface Degrees {
  readonly tensor: number;
  readonly pipeline: number;
  readonly expert: number;
  readonly attentionData: number;
}

type Workers = Degrees & { readonly workers: number };

export interface SiliconRow {
  readonly model: string;
  readonly precision: string;
  /** Format of the products, as the table names it. */
  readonly gemm: string;
  readonly backend: string;
  readonly version: string;
  readonly system: string;
  /** `2026-02`, or nothing. */
  readonly month: string;
  /** `2026-02-05`, or nothing. */
  readonly day: string;
  readonly harness: "inferencex" | "vendor";
  readonly concurrency: number;
  /** Of one rank; absent where not stated. */
  readonly batch?: number;
  readonly input: number;
  readonly output: number;
  /** Least share of the nominal lengths. */
  readonly least: number;
  /** Different prompts that come over and over; 0 where all differ. */
  readonly prompts: number;
  readonly layout: { readonly all: Degrees } | { readonly prefill: Workers; readonly decode: Workers };
  readonly assumptions: readonly Assumption[];
  readonly quote: string;
}

/**
 * The vendor's own runs of vLLM take in up to 118,000 prompt tokens a second on one H200, 96 % of what its units can
 * multiply; so prompts were repeated. The benchmark's tool has so many different ones by default, and vLLM keeps them.
 * @source aiperf-defaults
 */
const repeatedPrompts = 100;

/** Least share of nominal lengths of InferenceX runs. @source inferencex-scripts */
const rangeRatio = 0.8;

/** Files of the vendor whose values are all those of InferenceX's runs, rounded. */
const copiedFile = /source_file=[^;/]*gap-analysis\.csv/;

export function siliconRow(row: RawRow): SiliconRow | { readonly skip: string } {
  const columns = row.workload.silicon_data_source === undefined ? transcribed(row) : row.workload;
  const text = (key: string): string => String(columns[key] ?? "");
  const origin = text("silicon_data_source");
  const [input, output] = [countOf(columns, "isl"), countOf(columns, "osl")];
  if (input === undefined || output === undefined) return { skip: "lengths not stated" };
  const stated = numberOf(/concurrency=(\d+)/.exec(origin)?.[1]);
  const dumped = (/measured=\d{4}-\d\d/.test(origin) && !/gtl_job_id/.test(origin)) || copiedFile.test(origin);
  const layout = text("mode").startsWith("disagg") ? splitLayout(columns) : joinedLayout(columns, dumped);
  if ("skip" in layout) return layout;
  const each = countOf(columns, "batch_size");
  const concurrency = stated ?? (each ?? 0) * countedRanks(layout.layout);
  if (concurrency < 1) return { skip: "concurrency not stated" };
  return {
    model: text("model_path"),
    precision: text("precision"),
    gemm: text("gemm_quant_mode"),
    backend: text("backend"),
    version: text("backend_version"),
    system: text("system"),
    month: /measured=(\d{4}-\d\d)/.exec(origin)?.[1] ?? "",
    day: /measured=(\d{4}-\d\d-\d\d)/.exec(origin)?.[1] ?? "",
    harness: dumped ? "inferencex" : "vendor",
    concurrency,
    ...(each === undefined ? {} : { batch: each }),
    input,
    output,
    least: dumped ? rangeRatio : 1,
    prompts: /aic-auto-gap-analysis/.test(origin) && text("backend") === "vllm" ? repeatedPrompts : 0,
    layout: layout.layout,
    assumptions: [
      ...layout.assumptions,
      ...(stated === undefined
        ? [assume("workload.requests.concurrency", concurrency, "batch of a rank times its ranks")]
        : []),
    ],
    quote: quoteOf(row, origin),
  };
}

function quoteOf(row: RawRow, origin: string): string {
  if (row.quote !== "") return row.quote;
  const values = row.measured.map(({ metric, value, unit }) => `${metric} ${value} ${unit}`).join(", ");
  return `${values}; ${origin}`;
}

/** The columns of a row that was written out. */
function transcribed({ id, system, workload, plan, quote, source }: RawRow): Readonly<Record<string, unknown>> {
  const dated = /measured=/.test(quote) ? quote : `${quote}; ${id}`;
  return {
    silicon_data_source: `${dated}; silicon_concurrency=${String(workload.concurrency)}; ${source.where}`,
    backend: system.engine,
    backend_version: system.engine_version,
    model_path: workload.model,
    system: system.accelerator,
    precision: workload.precision,
    mode: textOf(plan.mode),
    isl: workload.isl,
    osl: workload.osl,
    gemm_quant_mode: workload.gemm_quant,
    batch_size: rankBatch(workload.concurrency, plan.attention_dp),
    tp_size: plan.tp,
    pp_size: plan.pp,
    attention_dp_size: plan.attention_dp,
    moe_tp_size: plan.moe_tp,
    moe_ep_size: plan.moe_ep,
  };
}

/** Of one rank, as the table itself has it where it states both. */
function rankBatch(concurrency: unknown, ranks: unknown): number | undefined {
  const batch = Number(concurrency) / Number(ranks ?? 1);
  return Number.isInteger(batch) && batch >= 1 ? batch : undefined;
}

type Found<Layout> =
  | { readonly layout: Layout; readonly assumptions: readonly Assumption[] }
  | { readonly skip: string };

/**
 * One replica. Rows of InferenceX name a tensor and an expert degree over the same accelerators, and the table multiplies
 * them where both are above one: 64 ranks of a node with eight.
 */
function joinedLayout(columns: Readonly<Record<string, unknown>>, dumped: boolean): Found<{ readonly all: Degrees }> {
  const tensor = countOf(columns, "tp_size");
  if (tensor === undefined) return { skip: "tensor-parallel degree not stated" };
  const pipeline = countOf(columns, "pp_size") ?? 1;
  const attentionData = countOf(columns, "attention_dp_size") ?? 1;
  const expert = countOf(columns, "moe_ep_size") ?? 1;
  const ranks = tensor * attentionData;
  const cut = countOf(columns, "moe_tp_size") ?? 1;
  const as = (size: number, why: string): Found<{ readonly all: Degrees }> => {
    const parallel = attentionData > 1 ? { tensor: 1, attentionData: size } : { tensor: size, attentionData: 1 };
    return {
      layout: { all: { ...parallel, pipeline, expert: size } },
      assumptions: [assume("serving.tensor", size, why)],
    };
  };
  if (dumped && expert > 1 && cut === expert && cut * expert === ranks) {
    return as(
      expert,
      `${ranks} ranks in the table: a tensor and an expert degree of ${expert} over the same accelerators`,
    );
  }
  if (dumped && tensor > 1 && tensor === attentionData && expert === ranks) {
    return as(tensor, `${ranks} ranks in the table: attention and experts over the same ${tensor} accelerators`);
  }
  return { layout: { all: { tensor, pipeline, attentionData, expert } }, assumptions: [] };
}

function splitLayout(
  columns: Readonly<Record<string, unknown>>,
): Found<{ readonly prefill: Workers; readonly decode: Workers }> {
  const pool = (role: "prefill" | "decode"): Workers | undefined => {
    const workers = countOf(columns, `${role}_num_workers`);
    const tensor = countOf(columns, `${role}_tp_size`);
    if (workers === undefined || tensor === undefined) return undefined;
    return {
      workers,
      tensor,
      pipeline: countOf(columns, `${role}_pp_size`) ?? 1,
      attentionData: countOf(columns, `${role}_attention_dp_size`) ?? 1,
      expert: countOf(columns, `${role}_moe_ep_size`) ?? 1,
    };
  };
  const [prefill, decode] = [pool("prefill"), pool("decode")];
  if (prefill === undefined || decode === undefined) {
    return { skip: "how many prefill and decode workers there were is not stated" };
  }
  const reason = "ports and the way of the hand-over are not stated; those of the catalog's node";
  return { layout: { prefill, decode }, assumptions: [assume("serving.disaggregation", "as the node", reason)] };
}

function countedRanks(layout: SiliconRow["layout"]): number {
  return "all" in layout ? layout.all.attentionData : layout.decode.attentionData * layout.decode.workers;
}
