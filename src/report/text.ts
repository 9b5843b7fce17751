/** Values and names as a report writes them. */

import { formatQuantity } from "../base/quantity.ts";
import { shownMetric } from "../search/study/index.ts";
import type { Choice, Judgement } from "./decision/choose.ts";
import type { Border } from "./decision/flips.ts";
import type { Option, Requirement } from "./decision/question.ts";
import type { Cell } from "./document.ts";
import type { ReportFacts } from "./facts.ts";

/** Words for metrics; others are spelled from their names. */
const names: Readonly<Record<string, string>> = {
  modelFlopsUtilization: "MFU",
  tokensPerSecondPerAccelerator: "tokens/s per accelerator",
  modelFlopsPerSecondPerAccelerator: "model FLOP/s per accelerator",
  tokensPerSecond: "tokens/s",
  costPerMillionOutputTokens: "cost per million output tokens",
  outputTokensPerSecond: "output tokens/s",
  sloGoodput: "requests/s within all targets",
};

/** `timeToTrain` as `time to train`; a statistic follows. */
export function metricName(metric: string): string {
  const [name = "", statistic] = metric.split(".");
  const words = names[name] ?? name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return statistic === undefined ? words : `${words} ${statistic}`;
}

export function shown(value: number | undefined, unit: string | undefined): string {
  if (value === undefined) return "–";
  if (!Number.isFinite(value)) return "unknown";
  // A count or a share: nothing of either.
  if (value === 0 && unit === "1") return "0";
  return shownMetric(value, unit);
}

export function percent(share: number): string {
  if (share > 0.99 && share < 1) return "over 99 %";
  if (share < 0.01 && share > 0) return "under 1 %";
  return `${Math.round(share * 100)} %`;
}

/** `−12 %`, `+8 %` from a factor. */
export function changeOf(factor: number): string {
  const change = Math.round((factor - 1) * 1000) / 10;
  const whole = Math.abs(change) >= 10 ? Math.round(change) : change;
  return `${whole > 0 ? "+" : whole < 0 ? "−" : ""}${Math.abs(whole)} %`;
}

export function count(value: number): string {
  return Number.isInteger(value) ? grouped(value) : formatQuantity(value, "count");
}

/** `16,384`. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function limitText({ sense, value, metric }: Requirement, units: ReportFacts["units"]): string {
  return `${metricName(metric)} ${sense === "atMost" ? "at most" : "at least"} ${shown(value, units[metric])}`;
}

/** Where a requirement names a confidence, whether it is kept at that is the answer. */
export function statusCell({ status, kept, requirement: { confidence } }: Judgement): Cell {
  if (status === "cannot tell" && confidence !== undefined) {
    return { text: `${kept ? "kept" : "not kept"} at ${percent(confidence)}`, tone: kept ? "good" : "bad" };
  }
  return { text: status, tone: status === "met" ? "good" : status === "not met" ? "bad" : "unsure" };
}

export function recommendedOf({ options, choice }: Pick<ReportFacts, "options" | "choice">): Option {
  const option = options[choice.index];
  if (option === undefined) throw new Error("a choice outside of its options");
  return option;
}

/** What happens at a border, in words. */
export function borderText(
  { to, breaks }: Border,
  { options, choice }: { readonly options: readonly Option[]; readonly choice: Choice },
): string {
  const parts = [
    ...(breaks.length === 0 ? [] : [`breaks ${breaks.join(", ")}`]),
    ...(to === choice.index ? [] : [`"${options[to]?.name ?? ""}" is better`]),
  ];
  return parts.join("; ");
}

/** How a resource is written: a price by the hour, all others in their unit. */
export function resourceValue(value: number | undefined, unit: string | undefined): string {
  if (value === undefined) return "";
  if (unit === "USD/s" || unit === "$/s") return `${Math.round(value * 3600 * 1000) / 1000} $/h`;
  if (unit === "USD/J") return `${Math.round(value * 3.6e6 * 10000) / 10000} $/kWh`;
  return shown(value, unit);
}

/** With a capital. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
