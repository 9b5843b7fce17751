/**
 * What would have to be true: where an option does not keep a requirement, the amount of each resource alone at which it
 * would. With a confidence asked for, the probability has to reach it, else the prediction the limit.
 *
 * Ignores: two resources that move together; amounts beyond a quarter and four times today's. Serving is simulated: of it
 * the recommended option alone is looked at, by its first requests.
 */

import type { MustHold, ReportFacts, Requirement } from "../../report/index.ts";
import { type DesignResource, type Prediction, predictDesign, resourcesOf } from "../../scenario/index.ts";
import { type Reach, reach } from "../../search/index.ts";
import { probabilityAtMost } from "../../search/study/index.ts";
import { repeatable } from "../solve.ts";
import type { WrittenOption } from "./options.ts";

const exact = { doublings: 2, within: 1e-3, noise: 1e-9 } as const;
const simulated = { doublings: 2, within: 0.02, noise: 0.01 } as const;
/** Of the resources that do it, those nearest to today. */
const shownMost = 3;

export function mustHold(
  options: readonly WrittenOption[],
  { judgements, choice }: Pick<ReportFacts, "judgements" | "choice">,
): readonly MustHold[] {
  return options.flatMap(({ name, design, prediction }, index): readonly MustHold[] => {
    if (design === undefined || prediction === undefined) return [];
    if (design.kind === "serving" && index !== choice.index) return [];
    const lacking = (judgements[index] ?? []).filter(({ kept, value }) => !kept && value !== undefined);
    if (lacking.length === 0) return [];
    const { base } = repeatable(design);
    const look = base.kind === "serving" ? simulated : exact;
    const resources = resourcesOf(base);
    return lacking.map(({ requirement }) => ({
      option: name,
      requirement: requirement.id,
      ways: nearest(resources.flatMap((resource) => wayOf(resource, requirement, look))),
    }));
  });
}

type Way = MustHold["ways"][number];

function wayOf(
  resource: DesignResource,
  requirement: Requirement,
  look: { readonly doublings: number; readonly within: number; readonly noise: number },
): readonly Way[] {
  const { confidence } = requirement;
  const at = (factor: number): Prediction => predictDesign(resource.scaled(factor));
  const unsure = confidence !== undefined && keptWith(at(1), requirement) !== undefined;
  const curve = (factor: number): number | undefined =>
    unsure ? keptWith(at(factor), requirement) : at(factor).metrics[requirement.metric];
  const found: Reach = reach(curve, { ...look, target: unsure ? confidence : requirement.value });
  if (found.at === undefined || !at(found.at.factor).feasible) return [];
  const { name, label, unit, value } = resource;
  return [{ resource: name, label, unit, value, factor: found.at.factor }];
}

/** Probability that the requirement is kept; undefined where no measured run says. */
function keptWith(prediction: Prediction, { metric, sense, value }: Requirement): number | undefined {
  const below = probabilityAtMost(prediction, metric, value);
  return below === undefined || sense === "atMost" ? below : 1 - below;
}

function nearest(ways: readonly Way[]): readonly Way[] {
  const apart = ({ factor }: Way): number => Math.max(factor, 1 / factor);
  return [...ways].sort((one, other) => apart(one) - apart(other)).slice(0, shownMost);
}
