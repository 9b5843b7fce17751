/** Scenarios whose layout is open, and those of them that a search can answer. */

import type { Problem } from "../base/problem.ts";
import { asksForGraph } from "./fabric.ts";
import { emptyNotes } from "./resolve/notes.ts";
import { resolveHardware } from "./resolve/pools.ts";
import type { Scenario } from "./schema/parse.ts";
import { locate } from "./schema/problems.ts";
import { refusals } from "./support.ts";

/** Whether a key of the layout, or all of it, is for a search to answer. */
export function layoutIsOpen({ layout }: Scenario): boolean {
  return layout === "auto" || layout?.open !== undefined;
}

/** Why the layouts of a scenario cannot be searched; nothing where they can. */
export function unsearchable(scenario: Scenario): readonly Problem[] {
  const refused = refusals({ ...scenario, layout: {} });
  const found = refused.length > 0 ? refused : ownProblems(scenario);
  return found.map((problem) => locate(problem, scenario.places));
}

function ownProblems(scenario: Scenario): readonly Problem[] {
  const { workload, layout, stragglers } = scenario;
  const problems: Problem[] = [];
  const refuse = (path: string, message: string, hint: string): number => problems.push({ path, message, hint });
  if (workload?.kind !== "training") refuse("workload.kind", "layouts belong to training", "kind: training");
  if (!layoutIsOpen(scenario)) refuse("layout", "nothing is open", "layout: auto, or e.g. pipeline: auto");
  if ((scenario.cluster.pools?.length ?? 0) > 1) {
    refuse("cluster.pools", "layouts over pools of different hardware: not searched", "search one pool");
  }
  if (stragglers !== undefined) refuse("stragglers", "layouts with stragglers: not searched", "remove them to search");
  if (workload?.kind === "training" && "lengths" in workload && workload.lengths !== undefined) {
    refuse("workload.lengths", "layouts for unequal sequences: not searched", "write one sequenceLength");
  }
  if (typeof layout === "object" && layout.stageLayers !== undefined) {
    refuse(
      "layout.stageLayers",
      "has a length that follows from the layout",
      "remove it, and add it to the layout found",
    );
  }
  if (problems.length === 0) {
    const { cluster } = resolveHardware(scenario.cluster, emptyNotes());
    if (cluster !== undefined && asksForGraph(cluster)) {
      const message = "layouts on a fabric whose links are looked at one by one: not searched";
      refuse("cluster.fabric", message, "search on a fat-tree or rail-optimised fabric, then predict the best here");
    }
  }
  return problems;
}
