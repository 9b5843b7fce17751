/** Serving scenarios with an open configuration that a search cannot answer, and why. */

import type { Problem } from "../base/problem.ts";
import { withConfiguration } from "./open-configuration.ts";
import type { Scenario } from "./schema/parse.ts";
import { locate } from "./schema/problems.ts";
import type { ServingWorkloadText } from "./schema/workload.ts";
import { refusals } from "./support.ts";

/** Why the configurations of a scenario cannot be searched; nothing where they can. */
export function unconfigurable(scenario: Scenario): readonly Problem[] {
  const requests = (scenario.workload as Partial<ServingWorkloadText> | undefined)?.requests;
  if (requests?.rate?.auto === true) {
    const message = "a rate and a configuration are both open";
    const rate = { path: "workload.requests.rate", message, hint: "write one of them" };
    return [locate(rate, scenario.places)];
  }
  const { objective: _, constraints: __, ...asked } = scenario;
  const closed = withConfiguration(asked, { engine: {} });
  const { replicas: written, ...serving } = closed.serving ?? {};
  const plain = {
    ...closed,
    serving: written === "auto" ? serving : { ...serving, ...(written === undefined ? {} : { replicas: written }) },
  };
  const refused = refusals(plain);
  const found = refused.length > 0 ? refused : ownProblems(scenario);
  return found.map((problem) => locate(problem, scenario.places));
}

function ownProblems({ serving = {}, workload, cluster, objective, constraints }: Scenario): readonly Problem[] {
  const problems: Problem[] = [];
  const refuse = (path: string, message: string, hint: string): number => problems.push({ path, message, hint });
  if (workload?.kind !== "serving") refuse("workload.kind", "configurations belong to serving", "kind: serving");
  else {
    const { slo } = workload as ServingWorkloadText;
    const wished = objective !== undefined || constraints !== undefined;
    if (!wished && (slo === undefined || Object.keys(slo).length === 0)) {
      const hint = "e.g. slo: { timeToFirstToken: { p99: 1 s } }, or an objective and constraints";
      refuse("workload.slo", "missing; fewest accelerators within which targets", hint);
    }
  }
  if (serving.pools !== undefined || (cluster.pools?.length ?? 0) > 1) {
    const path = serving.pools === undefined ? "cluster.pools" : "serving.pools";
    refuse(path, "configurations of several pools: not searched", "search one pool, or vary them in a study");
  }
  if (serving.autoscaler !== undefined && serving.autoscaler.policy !== "none") {
    refuse("serving.autoscaler", "configurations whose replicas come and go: not searched", "remove it to search");
  }
  if (serving.engine?.steps !== undefined) {
    refuse("serving.engine.steps", "are of one configuration", "remove them to search");
  }
  return problems;
}
