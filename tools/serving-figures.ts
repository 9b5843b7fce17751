/** The figures that are promised about serving, each with its limit, and those beside them that say how they came about. */

import { architectureClass } from "../src/catalog/models/architecture-class.ts";
import { findModel } from "../src/catalog/models/index.ts";
import { type Line, type Replayed, reportOf, summarize, totalDecisions } from "../src/evidence/index.ts";
import type { Figure } from "./evidence-figures.ts";
import { routingFigures } from "./routing-figures.ts";

interface Entry {
  readonly from: Replayed;
  readonly line: Line;
}

interface Limits {
  readonly median: number;
  readonly p90?: number;
}

export function servingFigures(replayed: readonly Replayed[]): readonly Figure[] {
  const entries = replayed
    .filter(({ record }) => record.anomaly === undefined)
    .flatMap((from) => from.lines.filter(({ primary }) => primary).map((line) => ({ from, line })));
  return [
    ...blisFigures(entries),
    ...siliconFigures(entries),
    ...mlperfFigures(entries),
    ...routingFigures(replayed),
    decisionFigure(replayed),
    ...otherFigures(entries),
    anomalyFigure(replayed),
  ];
}

const of = (entries: readonly Entry[], id: RegExp, metric: RegExp): readonly Entry[] =>
  entries.filter(({ from, line }) => id.test(from.record.id) && metric.test(line.metric));

/** Latencies of runs that keep up, and what is said of those that do not. */
function blisFigures(entries: readonly Entry[]): readonly Figure[] {
  const judged: readonly (readonly [name: string, metric: RegExp, median: number])[] = [
    ["end to end", /^endToEndLatency/, 0.06],
    ["time to first token", /^timeToFirstToken/, 0.14],
    ["gap between tokens", /^interTokenLatency/, 0.06],
  ];
  const own = judged.flatMap(([name, metric, median]) => [
    errorFigure(`BLIS, judged: ${name}`, of(entries, /^blis-gt-/, metric), { median }),
    errorFigure("  fitted", of(entries, /^blis-train-/, metricOrPerToken(metric))),
  ]);
  const verdicts = of(entries, /^blis-train-/, /^verdict$/);
  const right = verdicts.filter(({ line }) => line.error === 0).length;
  const rates = of(entries, /^blis-train-/, /^requestsPerSecond$/);
  const worst = Math.max(...rates.map(({ line }) => Math.abs(line.error ?? Number.POSITIVE_INFINITY)));
  return [
    ...own,
    {
      name: "BLIS, overloaded: verdict",
      value: `${right} of ${verdicts.length} right`,
      ...held(right === verdicts.length, "all"),
    },
    {
      name: "BLIS, overloaded: throughput",
      value: `worst ${percent(worst)} of ${rates.length}`,
      ...held(worst <= 0.1, "<= 10 %"),
    },
  ];
}

/** Fitted rows have no gap between tokens, but the time per token. */
function metricOrPerToken(metric: RegExp): RegExp {
  return metric.source.includes("interToken") ? /^timePerOutputToken/ : metric;
}

const siliconId = /^(?!blis-|mlperf-|inferencex-|trtllm-perf|llmd-|fleet-sim|llmservingsim)/;

function siliconFigures(entries: readonly Entry[]): readonly Figure[] {
  const perToken = of(entries, siliconId, /^timePerOutputToken/);
  const together = perToken.filter(({ from }) => poolsOf(from) === undefined);
  const sets = [
    ["dense", { median: 0.1, p90: 0.3 }, isDense],
    ["MoE", { median: 0.18, p90: 0.4 }, (from: Replayed) => !isDense(from)],
  ] as const;
  const gated = sets.flatMap(([name, limits, has]) => {
    const own = together.filter(({ from }) => has(from));
    return [
      errorFigure(
        `silicon sample, ${name}: time per token`,
        own.filter(({ from }) => from.stated),
        limits,
      ),
      ...byKey(
        own.filter(({ from }) => from.stated),
        softwareOf,
      ),
      errorFigure(
        "  version or prompts not stated, chosen by us",
        own.filter(({ from }) => !from.stated),
      ),
    ];
  });
  const first = of(entries, siliconId, /^timeToFirstToken/).filter(({ from }) => poolsOf(from) === undefined);
  return [
    ...gated,
    errorFigure(
      "silicon sample, disaggregated: time per token",
      perToken.filter(({ from }) => poolsOf(from) !== undefined),
    ),
    errorFigure("silicon sample, up to 64 clients: time to first token", first),
  ];
}

/** By the record's own model, so that runs without a prediction are counted where they belong. */
function isDense({ record }: Replayed): boolean {
  const found = findModel(String(record.workload.model));
  return found.ok && architectureClass(found.model) === "dense";
}

function poolsOf({ record }: Replayed): unknown {
  return record.serving?.pools;
}

function softwareOf({ record }: Replayed): string {
  const engine = record.serving?.engine as { readonly name: string } | undefined;
  return `${String(record.cluster.node)}, ${engine?.name ?? ""}`;
}

function mlperfFigures(entries: readonly Entry[]): readonly Figure[] {
  const offline = of(entries, /^mlperf-/, /^outputTokensPerSecondPerAccelerator$/);
  const nvidia = offline.filter(({ from }) => !/^mi3/.test(String(from.record.cluster.node)));
  const stated = nvidia.filter(({ from }) => !from.record.inferred.some((path) => /tensor|precision/.test(path)));
  const served = of(entries, /^mlperf-/, /^(endToEndLatency|timePerOutputToken|timeToFirstToken)/);
  return [
    errorFigure("MLPerf v5.1 offline, NVIDIA, layout and format stated", stated, { median: 0.2 }),
    ...byKey(stated, ({ record }) => `${String(record.cluster.node)}, ${String(record.workload.model)}`),
    errorFigure(
      "  others",
      offline.filter((entry) => !stated.includes(entry)),
    ),
    ...byKey(served, () => "server and interactive", "metric"),
  ];
}

function otherFigures(entries: readonly Entry[]): readonly Figure[] {
  return [
    ...byKey(of(entries, /^inferencex-/, /./), () => "InferenceX, nightly build", "metric"),
    errorFigure("TensorRT-LLM overview, most tokens per second", of(entries, /^trtllm-perf/, /./)),
    errorFigure("B200 decode windows, gap between tokens", of(entries, /^fleet-sim/, /./)),
    ...byKey(of(entries, /^llmservingsim/, /./), () => "recorded runs without their tables", "metric"),
    ...byKey(
      entries.filter(({ line }) => line.load !== undefined),
      () => "open loops",
      "load",
    ),
  ];
}

function decisionFigure(replayed: readonly Replayed[]): Figure {
  const { pairs, rightOrder, cannotTell, meanRegret } = totalDecisions(reportOf(replayed).decisions);
  const right = pairs === 0 ? 0 : rightOrder / pairs;
  const value = `${percent(right)} of ${pairs} pairs, ${cannotTell} called ties, mean regret ${percent(meanRegret)}`;
  return { name: "decisions: right order", value, ...held(right >= 0.9, ">= 90 %") };
}

function anomalyFigure(replayed: readonly Replayed[]): Figure {
  const found = replayed.filter(({ record }) => record.anomaly !== undefined);
  return { name: "runs that drafted tokens unsaid, averaged nowhere", value: `${found.length}` };
}

/** One line a group, of those with several entries. */
function byKey(entries: readonly Entry[], key: (from: Replayed) => string, and?: "metric" | "load"): readonly Figure[] {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const tail = and === undefined ? "" : `: ${and === "load" ? `${entry.line.load}, ` : ""}${entry.line.metric}`;
    const name = `  ${key(entry.from)}${tail}`;
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, list]) => errorFigure(name, list));
}

function errorFigure(name: string, list: readonly Entry[], limits?: Limits): Figure {
  const {
    count,
    failed,
    medianAbsError: median,
    p90AbsError: p90,
    bias,
  } = summarize(list.map(({ line }) => line.error));
  const lost = failed > 0 ? `, ${failed} failed` : "";
  const value =
    median === null
      ? `${count} values${lost}`
      : `median ${percent(median)}, p90 ${percent(p90)}, bias ${percent(bias)} (${count} values${lost})`;
  if (limits === undefined) return { name, value };
  const ok = median !== null && median <= limits.median && (limits.p90 === undefined || (p90 ?? 1) <= limits.p90);
  const limit = `<= ${percent(limits.median)}${limits.p90 === undefined ? "" : ` / ${percent(limits.p90)}`}`;
  return { name, value, ...held(ok, limit) };
}

function held(ok: boolean, limit: string): Pick<Figure, "ok" | "limit"> {
  return { ok, limit };
}

function percent(value: number | null): string {
  return value === null || !Number.isFinite(value) ? "-" : `${(100 * value).toFixed(1)} %`;
}

/** Sets that are missed most, and the reasons of records without a prediction. */
export function worstSets(replayed: readonly Replayed[]): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { record, lines } of replayed) {
    const reason = lines.find((line) => line.primary && line.reason !== undefined)?.reason;
    if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), record.id]);
  }
  return [...reasons].map(([reason, ids]) => `  not predicted: ${ids.length} (${ids[0] ?? ""} …): ${reason}`);
}
