/**
 * Gaps between measured and predicted latencies of serving, each attributed to the terms of a mean request:
 *
 *     measured - predicted = sum of shares + unexplained
 *
 * Terms share by variance up to their bounds (attribution.ts). How far a term can be off is found by running the fleet
 * again on accelerators and links that are slower, and faster, by the error of an iteration: so a queue near
 * saturation may carry much, and an idle one nothing. The host's ways have an error of their own.
 *
 * A time per output token is the time of all further tokens over their number: its terms are those of further tokens,
 * scaled to it. In a closed loop of N requests a rate X is a latency too, by Little's law: E = N / X.
 *
 * Ignores: percentiles and rates of open loops, which are compared and not attributed: terms are of the mean request,
 * and an engine that keeps up serves what comes.
 * @source little-1961
 */

import type { Seconds } from "../../base/quantity.ts";
import { findTerm } from "../../base/term.ts";
import { fittedServing } from "../../catalog/calibration/serving.generated.ts";
import { type Prediction, predictDesign, resourcesOf, type ServingDesign } from "../../scenario/index.ts";
import type { ServingMeasurement, ServingMetric } from "../serving-measurement.ts";
import { type Gap, gapBetween } from "./gap.ts";
import { type Leaf, leavesOf } from "./leaves.ts";
import { percent, type Suspect } from "./suspect.ts";

export interface ServingGap {
  readonly metric: ServingMetric;
  /** The rate that the measured latency follows from; absent where the latency was measured. */
  readonly from?: ServingMetric;
  readonly gap: Gap;
}

/** The gap of every mean latency that was measured, or follows from a rate. */
export function servingGaps(
  design: ServingDesign,
  prediction: Prediction,
  { values }: ServingMeasurement,
): readonly ServingGap[] {
  const found = meanLatencies(design, prediction, values);
  if (found.length === 0) return [];
  const suspects = servingSuspects(design, prediction);
  return found.map(({ metric, measured, from }) => {
    const predicted = prediction.metrics[metric] ?? Number.NaN;
    const own = suspectsOf(metric, predicted, prediction, suspects);
    return { metric, ...(from === undefined ? {} : { from }), gap: gapBetween(measured, predicted, own) };
  });
}

interface MeanLatency {
  readonly metric: ServingMetric;
  readonly measured: Seconds;
  readonly from?: ServingMetric;
}

const attributed: readonly ServingMetric[] = [
  "timeToFirstToken.mean",
  "timePerOutputToken.mean",
  "endToEndLatency.mean",
];

function meanLatencies(
  design: ServingDesign,
  { metrics }: Prediction,
  values: ServingMeasurement["values"],
): MeanLatency[] {
  const stated = attributed.flatMap((metric): MeanLatency[] => {
    const measured = values[metric];
    return measured === undefined || metrics[metric] === undefined ? [] : [{ metric, measured }];
  });
  const metric: ServingMetric = "endToEndLatency.mean";
  const predicted = metrics[metric];
  if (values[metric] !== undefined || predicted === undefined || !waits(design)) return stated;
  for (const from of ["requestsPerSecond", "outputTokensPerSecond"] as const) {
    const [measured, rate] = [values[from], metrics[from]];
    // So many requests are under way whatever the rate: latency is in inverse proportion to it.
    if (measured !== undefined && rate !== undefined)
      return [...stated, { metric, measured: (predicted * rate) / measured, from }];
  }
  return stated;
}

/** Clients that wait for answers without thinking: the number of requests under way is given. */
function waits({ requests }: ServingDesign): boolean {
  if (requests.source !== "described") return false;
  const { arrival, count, session } = requests.spec;
  if (session !== undefined) return false;
  if (arrival.kind === "batch") return arrival.concurrency > 0 && arrival.concurrency < count;
  return arrival.kind === "users" && arrival.think.mean === 0;
}

/** Terms of a metric: of the whole request, of its first token, or of the others, per token. */
function suspectsOf(
  metric: ServingMetric,
  predicted: Seconds,
  { terms }: Prediction,
  suspects: readonly Suspect[],
): readonly Suspect[] {
  const branch = metric.startsWith("timeToFirstToken")
    ? "timeToFirstToken"
    : metric.startsWith("timePer")
      ? "furtherTokens"
      : "";
  if (branch === "") return suspects;
  const root = findTerm(terms, branch);
  const names = new Set(leavesOf(terms).flatMap((leaf) => (leaf.branch === branch ? [leaf.name] : [])));
  const own = suspects.filter(({ term }) => names.has(term));
  const scale = root === undefined || root.value === 0 ? 0 : predicted / root.value;
  return own.map((suspect) => scaled(suspect, scale));
}

function scaled({ predicted, error, bound, ...rest }: Suspect, by: number): Suspect {
  const each = ({ less, more }: Suspect["error"]): Suspect["error"] => ({ less: less * by, more: more * by });
  return { ...rest, predicted: predicted * by, error: each(error), bound: each(bound) };
}

/** Error of an iteration's time, a 90 % half-width: runs that judged the engine's constants. */
function iterationError(): { readonly share: number; readonly from: string } {
  const judged = fittedServing.provenance
    .flatMap((entry) => entry.judged)
    .find(({ metric, on }) => metric === "perToken" && /^blis-gt/.test(on));
  if (judged === undefined) throw new Error("no run judged the time of an iteration");
  return { share: judged.p90, from: `${judged.rows} runs: ${judged.on}` };
}

/** Error of the ways to and from the engine: that of first tokens on the same runs. */
function hostError(): { readonly share: number; readonly from: string } {
  const judged = fittedServing.provenance
    .flatMap((entry) => entry.judged)
    .find(({ metric, on }) => metric === "firstToken" && /^blis-gt/.test(on));
  if (judged === undefined) throw new Error("no run judged the ways to the engine");
  return { share: judged.p90, from: `first tokens of ${judged.rows} runs: ${judged.on}` };
}

const hostTerms = new Set(["calling", "tokenising", "leaving", "delivery"]);

/** Every term of a mean request as a suspect. */
export function servingSuspects(design: ServingDesign, prediction: Prediction): readonly Suspect[] {
  const leaves = leavesOf(prediction.terms);
  const error = iterationError();
  const widest = widestOf(prediction, error.share);
  const leavesAt = (factor: number): readonly Leaf[] =>
    leavesOf(predictDesign({ kind: "serving", serving: slowed(design, factor) }).terms);
  const [slower, faster] = [leavesAt(1 + error.share), leavesAt(1 - error.share)];
  const slowest = widest.more > error.share ? leavesAt(1 + widest.more) : slower;
  const fastest = widest.less > error.share ? leavesAt(1 - widest.less) : faster;
  return leaves.map((leaf): Suspect => {
    const { name, label, value } = leaf;
    if (hostTerms.has(name)) return hostSuspect(leaf);
    const at = (all: readonly Leaf[]): Seconds => all.find((each) => each.name === name)?.value ?? value;
    const reach = (slow: readonly Leaf[], fast: readonly Leaf[]) => ({
      less: Math.min(value, Math.max(0, value - at(fast))),
      more: Math.max(0, at(slow) - value),
    });
    const why = `iterations within ${percent(error.share)} by ${error.from}; at most ${widest.from}`;
    const [likely, most] = [reach(slower, faster), reach(slowest, fastest)];
    const bound = { less: Math.max(likely.less, most.less), more: Math.max(likely.more, most.more) };
    return { term: name, label, predicted: value, error: likely, bound, why };
  });
}

/** Constants fitted on one engine: as likely off as first tokens were, at most nothing or twice. */
function hostSuspect({ name, label, value }: Leaf): Suspect {
  const { share, from } = hostError();
  const error = { less: share * value, more: share * value };
  const why = `${percent(share)} by ${from}; at most nothing, or twice`;
  return { term: name, label, predicted: value, error, bound: { less: value, more: value }, why };
}

/** How far the time per output token of runs like this one was off; the error of an iteration where none were measured. */
function widestOf(
  { basis, metrics }: Prediction,
  fallback: number,
): { readonly less: number; readonly more: number; readonly from: string } {
  const metric = "timePerOutputToken.mean";
  const interval = basis[metric]?.interval ?? null;
  const value = metrics[metric];
  if (interval === null || value === undefined)
    return { less: fallback, more: fallback, from: "that: no runs like this one were measured" };
  return {
    less: Math.max(0, 1 - interval[0] / value),
    more: Math.max(0, interval[1] / value - 1),
    from: "as far as measured runs of such models on such accelerators",
  };
}

/** Resources that iterations wait for. */
const devices = /(^|\.)(peakFlops|memoryBandwidth|scaleUpBandwidth|scaleOutBandwidth)$/;

/** The same fleet with iterations that take so many times as long: all that accelerators and links do is slower. */
function slowed(design: ServingDesign, factor: number): ServingDesign {
  let found = design;
  const names = resourcesOf({ kind: "serving", serving: design }).flatMap(({ name }) =>
    devices.test(name) ? [name] : [],
  );
  for (const name of names) {
    const scaledDesign = resourcesOf({ kind: "serving", serving: found })
      .find((resource) => resource.name === name)
      ?.scaled(1 / factor);
    if (scaledDesign?.kind === "serving") found = scaledDesign.serving;
  }
  return found;
}
