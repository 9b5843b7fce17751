/**
 * Tornado: a metric with each resource alone a little less and a little more, the strongest first. What is not of one
 * kind of hardware has its own swing: a resource that the metric does not depend on is left out.
 */

import { ProblemError } from "../base/problem.ts";
import { parseRatio } from "../base/quantity.ts";
import { suggestion } from "../base/suggestion.ts";
import { chartFile } from "../report/index.ts";
import { type Design, predictDesign, resourcesOf, sampleOf } from "../scenario/index.ts";

export interface Swing {
  readonly resource: string;
  readonly label: string;
  readonly unit: string;
  /** Amount and metric with less and with more of it. */
  readonly less: { readonly amount: number; readonly value: number };
  readonly more: { readonly amount: number; readonly value: number };
}

export interface TornadoAnswer {
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
  /** Share by which each resource is less and more. */
  readonly swing: number;
  readonly bars: readonly Swing[];
  /** Where the drawing was written. */
  readonly file?: string;
}

const defaultSwing = 0.1;
/** Requests of a simulated run, of which there are two a resource. */
const requestsMost = 2000;
/** Moves smaller than this share of the metric are rounding. */
const rounding = 1e-9;

export function tornadoOf(design: Design, metric: string, swing: string | undefined): TornadoAnswer {
  const share = swingOf(swing);
  const base: Design =
    design.kind === "serving" ? { kind: "serving", serving: sampleOf(design.serving, requestsMost).design } : design;
  const { metrics, units } = predictDesign(base);
  const value = metrics[metric];
  if (value === undefined) throw unknownMetric(metric, Object.keys(metrics));
  const bars = resourcesOf(base).flatMap((resource): Swing[] => {
    const end = (factor: number) => ({
      amount: resource.value * factor,
      value: predictDesign(resource.scaled(factor)).metrics[metric] ?? Number.NaN,
    });
    const [less, more] = [end(1 - share), end(1 + share)];
    const moves = Math.abs(less.value - more.value) > rounding * Math.abs(value);
    const { name, label, unit } = resource;
    return moves ? [{ resource: name, label, unit, less, more }] : [];
  });
  const span = ({ less, more }: Swing): number =>
    Math.max(less.value, more.value, value) - Math.min(less.value, more.value, value);
  return { metric, unit: units[metric] ?? "1", value, swing: share, bars: bars.sort((a, b) => span(b) - span(a)) };
}

function swingOf(text: string | undefined): number {
  if (text === undefined) return defaultSwing;
  const parsed = parseRatio(text);
  if (parsed.ok && parsed.value > 0 && parsed.value < 1) return parsed.value;
  const message = parsed.ok ? `found "${text}", expected more than 0 and less than 100 %` : parsed.message;
  throw new ProblemError([{ path: "--swing", message, hint: 'e.g. --swing "20 %"' }]);
}

function unknownMetric(metric: string, known: readonly string[]): ProblemError {
  const near = suggestion(metric, known);
  const hint = near === undefined ? `metrics here: ${known.join(", ")}` : `did you mean "${near}"?`;
  return new ProblemError([{ path: "--tornado", message: `this scenario has no metric "${metric}"`, hint }]);
}

/** The drawing of an answer, the strongest rows of it. */
export function tornadoDrawing({ metric, value, swing, bars }: TornadoAnswer): string {
  const share = `${Number((100 * swing).toPrecision(3))} %`;
  const moved = (each: number): number => (each - value) / Math.abs(value);
  const rows = bars.map(({ label, less, more }) => ({ label, less: moved(less.value), more: moved(more.value) }));
  const title = `${metric} with each resource ${share} less and more`;
  return chartFile({ type: "tornado", rows, lessName: `${share} less of it`, moreName: `${share} more of it` }, title);
}
