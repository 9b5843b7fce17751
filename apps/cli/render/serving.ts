/** Serving for people: whether targets are kept, how long requests take, what the fleet does, where the time goes. */

import { formatQuantity } from "../../../src/base/quantity.ts";
import type { DesignOf, Point, Prediction, Verdict } from "../../../src/scenario/index.ts";
import { hanging, type View } from "../view.ts";
import { renderBreakdown } from "./breakdown.ts";
import { frontierLines } from "./frontier.ts";
import { renderNotes } from "./notes.ts";
import { renderTable } from "./table.ts";

interface ServingOutput {
  readonly design: DesignOf<"serving">;
  readonly prediction: Prediction;
}

const count = (value: number): string => formatQuantity(value, "count");
const seconds = (value: number | undefined): string => (value === undefined ? "" : formatQuantity(value, "seconds"));
const ratio = (value: number): string => formatQuantity(value, "ratio");

export function renderServing(output: ServingOutput, view: View): string {
  const { prediction } = output;
  const parts = [...servingHeading(output, view), "", ...summary(prediction, view)];
  if (prediction.feasible) {
    parts.push("", ...latencyLines(prediction), ...targetLines(prediction, view), ...pointLines(prediction, view));
    parts.push("", view.bold("Where the time of a mean request goes"), renderBreakdown(prediction.terms, view));
    parts.push(...frontierLines(prediction, view));
  }
  return `${[...parts, ...renderNotes(prediction, view)].join("\n")}\n`;
}

/** Name; then model, replicas, engine and router. */
export function servingHeading({ design, prediction }: ServingOutput, view: View): string[] {
  const { model, pools, router, requests } = design.serving;
  const several = pools.length > 1;
  const machines = pools.map(({ name, replicas, layout, cluster }) => {
    const { tensor, pipeline, attentionData, expert } = layout;
    const degrees = { tensor, pipeline, attentionData, expert };
    const shape = Object.entries(degrees).flatMap(([degree, ways]) => (ways > 1 ? [`${degree} ${ways}`] : []));
    const words = shape.length === 0 ? "" : ` (${shape.join(" x ")})`;
    return `${several ? `${name} ` : ""}${count(replicas)} x ${cluster.node.accelerator.name}${words}`;
  });
  const engines = [...new Set(pools.map(({ engineName, engine }) => `${engineName} ${engine.version}`))];
  const replicas = pools.reduce((sum, pool) => sum + pool.replicas, 0);
  const source = requests.source === "trace" ? `${requests.file} (${requests.format})` : arrivalText(requests.spec);
  const routed = replicas > 1 ? [router.policy] : [];
  const subject = [model.name, machines.join(" + "), engines.join(", "), ...routed, source].join(" | ");
  return [view.bold(prediction.name), view.dim(hanging("", subject, view.width))];
}

type Spec = Extract<DesignOf<"serving">["serving"]["requests"], { source: "described" }>["spec"];

function arrivalText({ arrival, count: all, session }: Spec): string {
  const what = session === undefined ? "requests" : "sessions";
  const limit = all === Number.POSITIVE_INFINITY ? "" : `${count(all)} ${what}, `;
  if (arrival.kind === "users") return `${limit}${count(arrival.users)} users`;
  if (arrival.kind === "batch") {
    return `${limit}${arrival.concurrency === 0 ? "all at once" : `${count(arrival.concurrency)} at once`}`;
  }
  const rates = arrival.stages.map(({ rate }) => formatQuantity(rate, "perSecond"));
  const shown = rates.length > 4 ? `${rates.length} stages, ${rates[0]} to ${rates.at(-1)}` : rates.join(", ");
  return `${limit}${arrival.law.kind} ${shown}`;
}

function summary(prediction: Prediction, view: View): string[] {
  const { metrics, binding } = prediction;
  const rows: [string, string][] = [];
  const add = (label: string, name: string, text: (value: number) => string): void => {
    const value = metrics[name];
    if (value !== undefined) rows.push([label, text(value)]);
  };
  if (binding !== undefined) rows.push(["fit", view.bad("does not fit: the engine does not start")]);
  if (prediction.verdict !== undefined) rows.push(["verdict", verdictText(prediction.verdict, view)]);
  add("targets kept", "sloAttainment", (value) => {
    return `${ratio(value)} of all requests, ${formatQuantity(metrics.sloGoodput ?? 0, "perSecond")}`;
  });
  add("throughput", "outputTokensPerSecond", (value) => {
    const each = count(metrics.outputTokensPerSecondPerAccelerator ?? 0);
    const requests = formatQuantity(metrics.requestsPerSecond ?? 0, "perSecond");
    return `${count(value)} output tokens/s (${each} per accelerator), ${requests} requests, ${count(metrics.totalTokensPerSecond ?? 0)} tokens/s with prompts`;
  });
  add("busy", "utilization", (value) => `${ratio(value)} of the time an iteration was under way`);
  add("prefix hits", "prefixHitRate", (value) => `${ratio(value)} of prompt tokens`);
  add("preemptions", "preemptions", count);
  add("cost", "costPerMillionOutputTokens", (value) => {
    return `${formatQuantity(value, "dollars")} per million output tokens`;
  });
  add("power", "power", (value) => {
    const each = metrics.energyPerOutputToken;
    const token = each === undefined ? "" : `, ${formatQuantity(each, "joules")} per output token`;
    return `${formatQuantity(value, "watts")}${token}`;
  });
  if (binding !== undefined) rows.push(["what binds", bindingText(prediction)]);
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => hanging(`  ${label.padEnd(width)}  `, text, view.width));
}

function verdictText(verdict: Verdict, view: View): string {
  if (verdict === "stable") return view.good("stable: the fleet keeps up");
  if (verdict === "backlogged") return view.warn("backlogged: requests wait longer for work than for their prompt");
  return view.bad("overloaded: more comes than is served");
}

function bindingText({ binding, metrics }: Prediction): string {
  if (binding === undefined) return "";
  const { resource, needed, available } = binding;
  if (resource.startsWith("tokens")) return `${resource}: needs ${count(needed)}, has ${count(available)}`;
  const bytes = (value: number | undefined): string => formatQuantity(value ?? 0, "bytes", "binary");
  const parts = `weights ${bytes(metrics.weightMemory)}, activations ${bytes(metrics.activationMemory)}, runtime ${bytes(metrics.runtimeMemory)}`;
  return `${resource}: ${parts} of ${bytes(metrics.memoryCapacity)}, and nothing is left for a cache`;
}

const latencies = [
  ["timeToFirstToken", "time to first token"],
  ["timePerOutputToken", "time per output token"],
  ["interTokenLatency", "between two tokens"],
  ["endToEndLatency", "end to end"],
] as const;
const statistics = ["mean", "p50", "p90", "p95", "p99"] as const;
const right = (title: string) => ({ title, align: "right" }) as const;

function latencyLines({ metrics }: Prediction): string[] {
  const rows = latencies.flatMap(([name, label]) => {
    const values = statistics.map((statistic) => seconds(metrics[`${name}.${statistic}`]));
    return values.every((value) => value === "") ? [] : [[label, ...values]];
  });
  return renderTable([{ title: "latency" }, ...statistics.map(right)], rows);
}

function targetLines({ targets = [] }: Prediction, view: View): string[] {
  if (targets.length === 0) return [];
  const rows = targets.map(({ metric, className, most, value, met }) => [
    metric,
    ...(targets.some((target) => target.className !== undefined) ? [className ?? "all"] : []),
    seconds(most),
    seconds(value),
    met === "met" ? "met" : "missed",
  ]);
  const classes = targets.some(({ className }) => className !== undefined) ? [{ title: "class" }] : [];
  const columns = [{ title: "target" }, ...classes, right("at most"), right("predicted"), { title: "" }];
  return ["", view.bold("Targets"), ...renderTable(columns, rows)];
}

/** Stages of rates, then classes. */
function pointLines({ points = [] }: Prediction, view: View): string[] {
  const stages = points.filter(({ at }) => at.stage !== undefined);
  const classes = points.filter(({ at }) => at.class !== undefined);
  const table = (title: string, list: readonly Point[], name: (point: Point) => string): string[] => {
    if (list.length === 0) return [];
    const columns = [
      { title },
      right("tokens/s"),
      right("TTFT p50"),
      right("TTFT p90"),
      right("TPOT mean"),
      right("E2E p90"),
    ];
    const rows = list.map((point) => [
      name(point),
      count(point.metrics.outputTokensPerSecond ?? 0),
      seconds(point.metrics["timeToFirstToken.p50"]),
      seconds(point.metrics["timeToFirstToken.p90"]),
      seconds(point.metrics["timePerOutputToken.mean"]),
      seconds(point.metrics["endToEndLatency.p90"]),
    ]);
    return ["", view.bold(title === "rate" ? "Stages" : "Classes"), ...renderTable(columns, rows)];
  };
  return [
    ...table("rate", stages, ({ at }) => formatQuantity(Number(at.rate), "perSecond")),
    ...table("class", classes, ({ at }) => String(at.class)),
  ];
}
