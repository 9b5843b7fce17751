/** The figures that are promised about the evidence, each with its limit, and the error of every source. */

import type { Decision, Line, Replayed } from "../src/evidence/index.ts";
import { summarize } from "../src/evidence/index.ts";

export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly limit?: string;
  /** Undefined where there is no limit, only something to know. */
  readonly ok?: boolean;
}

interface Limits {
  readonly median: number;
  readonly p90: number;
  readonly bias?: number;
}

/** Judged sets smaller than this are printed, not gated. */
const fewestRows = 10;

const denseLimits: Limits = { median: 0.06, p90: 0.18, bias: 0.03 };
const mixedLimits: Limits = { median: 0.1, p90: 0.28 };

interface Entry {
  readonly from: Replayed;
  readonly line: Line;
}

export function figures(given: {
  readonly replayed: readonly Replayed[];
  readonly rows: number;
  readonly decisions: Omit<Decision, "group">;
}): readonly Figure[] {
  const { replayed, rows, decisions } = given;
  const steps = entries(replayed).filter(({ from }) => from.record.kind === "training-step");
  const judged = steps.filter(({ from }) => from.stated && from.record.use === "judge");
  const dense = judged.filter(isDenseNvidia);
  const mixed = judged.filter((entry) => !isDenseNvidia(entry) && !isOther(entry));
  const right = decisions.pairs === 0 ? 0 : decisions.rightOrder / decisions.pairs;
  return [
    atLeast("expressible rows", replayed.length, 550, `${replayed.length} of ${rows}`),
    ...sets(dense, "dense A100/H100", denseLimits),
    ...sets(mixed, "MoE and Blackwell", mixedLimits),
    ...techniques(steps.filter(({ from }) => from.record.use === "judge")),
    ...apart(steps),
    {
      name: "decisions: right order",
      value: `${percent(right)} of ${decisions.pairs} pairs, ${decisions.cannotTell} called ties, mean regret ${percent(decisions.meanRegret)}`,
      limit: ">= 90 %",
      ok: right >= 0.9,
    },
    memoryFigure(replayed),
    fitFigure(replayed),
    llamaFigure(replayed),
  ];
}

function entries(replayed: readonly Replayed[]): readonly Entry[] {
  return replayed.flatMap((from) => from.lines.filter(({ primary }) => primary).map((line) => ({ from, line })));
}

function isDenseNvidia({ from }: Entry): boolean {
  const { generation, architecture } = from.features ?? {};
  if (from.features === undefined) return /^(vtrain|mpt|korthikanti|mt-nlg|megatron)/.test(from.record.id);
  return architecture === "dense" && (generation === "ampere" || generation === "hopper" || generation === "ada");
}

/** TPU and AMD. */
function isOther({ from }: Entry): boolean {
  return (
    /^(tpu|cdna|gaudi)/.test(from.features?.generation ?? "") || /^(amd|maxtext|tpu|ironwood|palm)/.test(from.record.id)
  );
}

/** Judged sets: a source, and inside Megatron-Bridge a model family. */
function setOf({ from }: Entry): string {
  const model = String(from.record.workload.model);
  if (!from.record.id.startsWith("mbridge-")) return from.record.source.title;
  return `Megatron-Bridge ${/Qwen3/.exec(model)?.[0] ?? /gpt-oss|Kimi|Nemotron|Llama|DeepSeek/.exec(model)?.[0] ?? model}`;
}

/** The pooled set and each large one against the limits; small ones for information. */
function sets(list: readonly Entry[], title: string, limits: Limits): readonly Figure[] {
  const names = [...new Set(list.map(setOf))];
  const bySet = names.map((name) => ({ name, of: list.filter((entry) => setOf(entry) === name) }));
  const large = bySet.filter(({ of }) => of.length >= fewestRows);
  const pooled = large.flatMap(({ of }) => of);
  return [
    errorFigure(`${title}, judged sets of ${fewestRows} rows and more`, pooled, limits),
    ...bySet.map(({ name, of }) => errorFigure(`  ${name}`, of, of.length >= fewestRows ? limits : undefined)),
  ];
}

/** Tokens from which a sequence is long. */
const longContext = 16_384;
const longLimits: Limits = { median: 0.12, p90: Number.POSITIVE_INFINITY };

/** Judged rows, inferred settings included, by what they use; of these long sequences have a limit. */
function techniques(judged: readonly Entry[]): readonly Figure[] {
  const using = (uses: (record: Entry["from"]["record"]) => boolean): readonly Entry[] =>
    judged.filter(({ from }) => uses(from.record));
  const lengthOf = ({ workload }: Entry["from"]["record"]): number => Number(workload.sequenceLength);
  return [
    errorFigure(
      `sequences of ${longContext} tokens and more`,
      using((record) => lengthOf(record) >= longContext),
      longLimits,
    ),
    errorFigure(
      "  context parallel",
      using(({ layout }) => Number(layout?.context ?? 1) > 1),
      undefined,
    ),
    errorFigure(
      "  fully sharded",
      using(({ layout }) => layout?.sharding === "full"),
      undefined,
    ),
    errorFigure(
      "  low-rank adapters",
      using(({ workload }) => isAdapted(workload.tuning)),
      undefined,
    ),
  ];
}

function isAdapted(tuning: unknown): boolean {
  return typeof tuning === "object" && tuning !== null && "method" in tuning && tuning.method === "lora";
}

/** TPU, AMD and the rows whose settings we chose: reported. */
function apart(steps: readonly Entry[]): readonly Figure[] {
  const other = steps.filter(isOther);
  const tpu = other.filter(({ from }) => !from.record.id.startsWith("amd"));
  const amd = other.filter(({ from }) => from.record.id.startsWith("amd"));
  const chosen = steps.filter((entry) => !entry.from.stated && !isOther(entry));
  return [
    errorFigure("TPU (layouts inferred; aim: median <= 15 %)", tpu, undefined),
    errorFigure("AMD (mostly inferred; aim: median <= 15 %)", amd, undefined),
    errorFigure("other rows with inferred settings", chosen, undefined),
    errorFigure(
      "fitted rows",
      steps.filter(({ from }) => from.record.use === "fit"),
      undefined,
    ),
  ];
}

function errorFigure(name: string, list: readonly Entry[], limits: Limits | undefined): Figure {
  const summary = summarize(list.map(({ line }) => line.error));
  const { medianAbsError: median, p90AbsError: p90 } = summary;
  const bias = biasOf(list);
  const failed = summary.failed > 0 ? `, ${summary.failed} failed` : "";
  const value =
    median === null || p90 === null || bias === null
      ? `${summary.count} rows${failed}`
      : `median ${percent(median)}, p90 ${percent(p90)}, bias ${percent(bias)} (${summary.count} rows${failed})`;
  if (limits === undefined) return { name, value };
  const within = (found: number | null, limit: number): boolean => found !== null && Math.abs(found) <= limit;
  return {
    name,
    value,
    limit: limitText(limits),
    ok:
      within(median, limits.median) &&
      within(p90, limits.p90) &&
      (limits.bias === undefined || within(bias, limits.bias)),
  };
}

function limitText({ median, p90, bias }: Limits): string {
  const parts = [percent(median)];
  if (Number.isFinite(p90)) parts.push(percent(p90));
  if (bias !== undefined) parts.push(`bias ${percent(bias)}`);
  return parts.join(" / ");
}

/** Mean signed error; in a set of times and rates, of the times: a rate that is too high is a time that is too short. */
function biasOf(list: readonly Entry[]): number | null {
  const metrics = new Set(list.map(({ line }) => line.metric));
  const signed = list.map(({ line }) => {
    if (metrics.size === 1 || line.metric === "stepTime" || line.error === null) return line.error;
    return 1 / (1 + line.error) - 1;
  });
  return summarize(signed).bias;
}

/** The 16 values of Korthikanti's figure 1. */
function memoryFigure(replayed: readonly Replayed[]): Figure {
  const lines = replayed.filter(({ record }) => record.kind === "training-memory").flatMap((entry) => entry.lines);
  const worst = lines.reduce(
    (most, { error }) => Math.max(most, error === null ? Number.POSITIVE_INFINITY : Math.abs(error)),
    0,
  );
  return {
    name: "Korthikanti memory, analytic values",
    value: `worst ${percent(worst)} of ${lines.length} values`,
    limit: "<= 3 %",
    ok: worst <= 0.03 && lines.length === 16,
  };
}

/** Runs that were measured and yet are called too large; rows whose settings we chose are listed, not gated. */
function fitFigure(replayed: readonly Replayed[]): Figure {
  const ran = replayed.filter(({ record, fit }) => record.kind === "training-step" && fit !== undefined);
  const refused = ran.filter(({ fit }) => fit === "does-not-fit");
  const stated = ran.filter((entry) => entry.stated);
  const wrong = refused.filter((entry) => entry.stated);
  return {
    name: "rows that ran called does-not-fit (listed below)",
    value: `${wrong.length} of ${stated.length} stated, ${refused.length} of all ${ran.length}`,
    limit: "<= 1 % of stated",
    ok: wrong.length <= 0.01 * stated.length,
  };
}

/** The row that the README shows. */
function llamaFigure(replayed: readonly Replayed[]): Figure {
  const line = replayed.find(({ record }) => record.id === "llama3-405b-table4-16384-seq8192")?.lines[0];
  if (line === undefined || line.predicted === null || line.error === null) {
    return { name: "Llama 3 405B on 16,384 H100", value: line?.reason ?? "missing", limit: "<= 8 %", ok: false };
  }
  return {
    name: "Llama 3 405B on 16,384 H100, causal counting",
    value: `${(line.predicted / 1e12).toFixed(0)} of 400 TFLOP/s per GPU, ${percent(line.error)}`,
    limit: "<= 8 %",
    ok: Math.abs(line.error) <= 0.08,
  };
}

function atLeast(name: string, found: number, limit: number, value: string): Figure {
  return { name, value, limit: `>= ${limit}`, ok: found >= limit };
}

function percent(value: number): string {
  return Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : "no value";
}

/** Error, bias and the worst rows of every source. */
export function perSource(replayed: readonly Replayed[]): readonly string[] {
  const list = entries(replayed);
  const names = [...new Set(list.map(setOf))];
  const lines = ["source: MAPE, median, p90, bias; worst rows"];
  for (const name of names) {
    const of = list.filter((entry) => setOf(entry) === name);
    const found = of.filter((entry) => entry.line.error !== null);
    const sizes = found.map(({ line }) => Math.abs(line.error ?? 0));
    const summary = summarize(of.map(({ line }) => line.error));
    const mape = sizes.reduce((total, size) => total + size, 0) / Math.max(1, sizes.length);
    const uses = [...new Set(of.map(({ from }) => (from.stated ? from.record.use : "inferred")))].join("/");
    lines.push(
      `${name} [${uses}]: ${of.length} rows, ${summary.failed} failed; ${percent(mape)}, ${percent(summary.medianAbsError ?? Number.NaN)}, ${percent(summary.p90AbsError ?? Number.NaN)}, ${percent(summary.bias ?? Number.NaN)}`,
    );
    const worst = [...found].sort((a, b) => Math.abs(b.line.error ?? 0) - Math.abs(a.line.error ?? 0)).slice(0, 3);
    for (const { line } of worst) lines.push(`    ${percent(line.error ?? 0)} ${line.id}`);
  }
  return lines;
}

/** Figures as lines: name, value, limit, pass or miss. */
export function caseTable(list: readonly Figure[]): readonly string[] {
  const width = Math.max(...list.map(({ name }) => name.length));
  return list.map(({ name, value, limit, ok }) => {
    const mark = ok === undefined ? "    " : ok ? "pass" : "MISS";
    return `${mark}  ${name.padEnd(width)}  ${value}${limit === undefined ? "" : `  [${limit}]`}`;
  });
}
