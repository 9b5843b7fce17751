/**
 * Which resources move a part of a step: predict again with a little more and a little less of each, as for whole metrics
 * (`sensitivity.ts`), and look at the part.
 *
 *     e = d log(seconds of the part) / d log(resource)
 *
 * −0.9 means: 1 % more of it, 0.9 % less of the part.
 */

import { log } from "../base/math.ts";
import { leavesOf } from "../evidence/index.ts";
import { type Design, predictDesign, resourcesOf } from "../scenario/index.ts";
import { differenceStep } from "./sensitivity.ts";

export interface TermSensitivity {
  readonly resource: string;
  readonly label: string;
  readonly elasticity: number;
}

/** Elasticities smaller than this move nothing that anyone would notice. */
const smallest = 0.01;

/** For each part of these names the resources that move it, the strongest first. */
export function termSensitivities(
  design: Design,
  terms: readonly string[],
): Readonly<Record<string, readonly TermSensitivity[]>> {
  const found: Record<string, TermSensitivity[]> = Object.fromEntries(terms.map((term) => [term, []]));
  const width = log((1 + differenceStep) / (1 - differenceStep));
  for (const { name: resource, label, scaled } of resourcesOf(design)) {
    const [more, less] = [1 + differenceStep, 1 - differenceStep].map((factor) => {
      const { terms: tree } = predictDesign(scaled(factor));
      return new Map(leavesOf(tree).map((leaf) => [leaf.name, leaf.value]));
    });
    for (const [term, list] of Object.entries(found)) {
      const [high, low] = [more?.get(term) ?? 0, less?.get(term) ?? 0];
      if (high <= 0 || low <= 0) continue;
      const elasticity = log(high / low) / width;
      if (Math.abs(elasticity) >= smallest) list.push({ resource, label, elasticity });
    }
  }
  for (const list of Object.values(found)) list.sort((a, b) => Math.abs(b.elasticity) - Math.abs(a.elasticity));
  return found;
}
