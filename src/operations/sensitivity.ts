/**
 * Sensitivity of every metric to every resource of a design: predict again with a little more and a little less.
 *
 *     e = d log(metric) / d log(resource)
 *
 * by central differences. −0.4 means: 1 % more of it, 0.4 % less of the metric.
 *
 * Serving is simulated: a small change shifts which requests meet in an iteration, and metrics jump a little. Its
 * differences are therefore wider, and its runs shorter where a scenario has many requests; every run has the same ones.
 */

import { log } from "../base/math.ts";
import { type Design, type Prediction, predictDesign, resourcesOf, sampleOf } from "../scenario/index.ts";

export interface Sensitivity {
  readonly resource: string;
  readonly label: string;
  /** Present amount, SI. */
  readonly value: number;
  readonly unit: string;
  /** Elasticity by metric; metrics that do not depend on it at all are left out. */
  readonly elasticity: Readonly<Record<string, number>>;
  /** Metrics that are at a knee: the elasticity towards less of it and towards more. Not of simulated serving. */
  readonly knees?: Readonly<Record<string, Knee>>;
}

export interface Knee {
  readonly less: number;
  readonly more: number;
}

/** How a sensitivity was taken, where that is not the usual way. */
export interface Difference {
  /** Half the relative width. */
  readonly step: number;
  /** Requests that were run, of those of the scenario. */
  readonly requests: { readonly used: number; readonly all: number };
}

/** Half the relative width of the difference: small against any knee, large against rounding. */
export const differenceStep = 0.01;
/** Of simulated serving: large against what other company in an iteration does to a mean. */
const simulatedStep = 0.05;
/** Requests of each of the runs, of which there are two a resource. */
const requestsMost = 2000;

/** All resources, those that move the time most first. */
export function sensitivities(design: Design): readonly Sensitivity[] {
  return differencesOf(design).sensitivities;
}

/** The same, with how they were taken. */
export function differencesOf(design: Design): {
  readonly sensitivities: readonly Sensitivity[];
  readonly difference?: Difference;
} {
  if (design.kind !== "serving") return { sensitivities: taken(design, differenceStep) };
  const { design: serving, used, all } = sampleOf(design.serving, requestsMost);
  return {
    sensitivities: taken({ kind: "serving", serving }, simulatedStep),
    difference: { step: simulatedStep, requests: { used, all } },
  };
}

function taken(design: Design, step: number): readonly Sensitivity[] {
  const now = predictDesign(design);
  const found = resourcesOf(design).map((resource): Sensitivity => {
    const more = predictDesign(resource.scaled(1 + step));
    const less = predictDesign(resource.scaled(1 - step));
    const { name, label, value, unit } = resource;
    const knees = design.kind === "serving" ? {} : kneesOf({ less, now, more }, step);
    const bent = Object.keys(knees).length > 0 ? { knees } : {};
    return { resource: name, label, value, unit, elasticity: elasticities(more, less, step), ...bent };
  });
  const first = { training: "stepTime", serving: "endToEndLatency.mean" }[design.kind as string] ?? "time";
  const weight = (sensitivity: Sensitivity): number => Math.abs(sensitivity.elasticity[first] ?? 0);
  return found.sort((a, b) => weight(b) - weight(a));
}

/**
 * The host's link or memory, where nothing else moves the step time as much. Copies that outlast computation hide all
 * of it, so the largest part of a step is then not what limits it.
 */
export function hostLimit(design: Design, found?: readonly Sensitivity[]): Sensitivity | undefined {
  if (!resourcesOf(design).some(({ name }) => ofHost(name))) return undefined;
  const [strongest] = found ?? sensitivities(design);
  const moves = strongest?.elasticity.stepTime !== undefined;
  return moves && ofHost(strongest.resource) ? strongest : undefined;
}

/** Of a cluster or of one of its pools, `old.hostLink`. */
function ofHost(resource: string): boolean {
  return /(^|\.)host(Link|MemoryBandwidth)$/.test(resource);
}

function elasticities(more: Prediction, less: Prediction, step: number): Record<string, number> {
  const result: Record<string, number> = {};
  const width = log((1 + step) / (1 - step));
  for (const [name, high] of Object.entries(more.metrics)) {
    const low = less.metrics[name];
    if (low === undefined || low <= 0 || high <= 0 || low === high) continue;
    result[name] = log(high / low) / width;
  }
  return result;
}

/** Slopes on either side that differ by more than a smooth curve's do over so small a width. */
const kneeLeast = 0.02;

function kneesOf(
  { less, now, more }: Readonly<Record<"less" | "now" | "more", Prediction>>,
  step: number,
): Record<string, Knee> {
  const knees: Record<string, Knee> = {};
  for (const [name, here] of Object.entries(now.metrics)) {
    const [low, high] = [less.metrics[name], more.metrics[name]];
    if (low === undefined || high === undefined || low <= 0 || high <= 0 || here <= 0) continue;
    const knee = { less: log(low / here) / log(1 - step), more: log(high / here) / log(1 + step) };
    if (Math.abs(knee.less - knee.more) > kneeLeast) knees[name] = knee;
  }
  return knees;
}
