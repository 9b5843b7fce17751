/**
 * Sensitivity of every metric to every resource of a design: predict again with a little more and a little less.
 *
 *     e = d log(metric) / d log(resource)
 *
 * by central differences. −0.4 means: 1 % more of it, 0.4 % less of the metric.
 */

import { log } from "../base/math.ts";
import { type Design, type Prediction, predictDesign, resourcesOf } from "../scenario/index.ts";

export interface Sensitivity {
  readonly resource: string;
  readonly label: string;
  /** Present amount, SI. */
  readonly value: number;
  readonly unit: string;
  /** Elasticity by metric; metrics that do not depend on it at all are left out. */
  readonly elasticity: Readonly<Record<string, number>>;
}

/** Half the relative width of the difference: small against any knee, large against rounding. */
export const differenceStep = 0.01;

/** All resources, those that move the time most first. */
export function sensitivities(design: Design): readonly Sensitivity[] {
  const found = resourcesOf(design).map((resource): Sensitivity => {
    const more = predictDesign(resource.scaled(1 + differenceStep));
    const less = predictDesign(resource.scaled(1 - differenceStep));
    const { name, label, value, unit } = resource;
    return { resource: name, label, value, unit, elasticity: elasticities(more, less) };
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

function elasticities(more: Prediction, less: Prediction): Record<string, number> {
  const result: Record<string, number> = {};
  const width = log((1 + differenceStep) / (1 - differenceStep));
  for (const [name, high] of Object.entries(more.metrics)) {
    const low = less.metrics[name];
    if (low === undefined || low <= 0 || high <= 0 || low === high) continue;
    result[name] = log(high / low) / width;
  }
  return result;
}
