/** `search` of configurations of serving: budget, progress, the winner as a scenario, and what other programs read. */

import { isMap, parseDocument } from "yaml";
import { ProblemError } from "../base/problem.ts";
import { type ConfigurationText, openedOf } from "../scenario/index.ts";
import { type ConfigurationAnswer, type FoundConfiguration, searchConfigurations } from "../search/index.ts";
import type { Host } from "./host.ts";
import { budgetOf, type LayoutFlags } from "./layout-search.ts";
import type { ScenarioInput } from "./scenario-input.ts";

export interface ConfigurationSearch extends ConfigurationAnswer {
  readonly name: string;
  /** Keys that were open. */
  readonly open: readonly string[];
}

/** Answers an open configuration, and writes the winner where asked. */
export async function findConfiguration(
  { scenario, files, text }: ScenarioInput,
  flags: LayoutFlags,
  host: Host,
): Promise<ConfigurationSearch> {
  refuseOthers(flags);
  const budget = budgetOf(flags.budget);
  const start = host.now();
  const answer = searchConfigurations(scenario, {
    files,
    stop: () => host.cancelled() || host.now() - start > budget,
    onProgress: ({ groups, refused, memory, slower, simulated }, best) => {
      const done = refused + memory + slower + simulated;
      const so = best === undefined ? "nothing keeps the targets yet" : `best ${best.accelerators} accelerators`;
      host.progress(`${done} of ${groups} groups covered; ${so}`);
    },
  });
  const [best] = answer.best;
  if (flags.output !== undefined && best !== undefined) {
    await host.write(flags.output, written(text, best.configuration));
    host.progress(`best configuration written to ${flags.output}; windtunnel predict ${flags.output} gives the same`);
  }
  const { degrees, engine, replicas } = openedOf(scenario);
  const keys = [...Object.keys(degrees), ...Object.keys(engine), ...(replicas === "open" ? ["replicas"] : [])];
  return { name: scenario.name, open: keys, ...answer };
}

function refuseOthers({ against, margin, within }: LayoutFlags): void {
  const problems = Object.entries({ against, margin, within })
    .filter(([, value]) => value !== undefined)
    .map(([flag]) => ({ path: `--${flag}`, message: "belongs to the search of layouts", hint: "leave it out" }));
  if (problems.length > 0) throw new ProblemError(problems);
}

/** The scenario's own text with a choice in place of what was open; everything else, comments too, stays. */
function written(text: string, { engine, ...degrees }: ConfigurationText): string {
  const document = parseDocument(text);
  document.deleteIn(["serving", "configuration"]);
  for (const [key, value] of Object.entries(degrees)) document.setIn(["serving", key], value);
  const own = document.getIn(["serving", "engine"]);
  if (!isMap(own) && Object.keys(engine).length > 0) {
    const [name = "", version] = typeof own === "string" ? own.trim().split("@") : [];
    const named = own === undefined ? {} : { name, ...(version === undefined ? {} : { version }) };
    document.setIn(["serving", "engine"], document.createNode({ ...named, ...engine }));
  } else for (const [key, value] of Object.entries(engine)) document.setIn(["serving", "engine", key], value);
  return document.toString({ lineWidth: 0 });
}

/** What other programs read. */
export function configurationDocument({ name, open, ended, groups, best, closest }: ConfigurationSearch): unknown {
  const shown = ({ prediction, ...each }: FoundConfiguration) => ({ ...each, metrics: prediction.metrics });
  return {
    name,
    field: open,
    ended,
    covered: groups,
    best: best.map(shown),
    closest: closest.map(shown),
    prediction: best[0]?.prediction ?? null,
  };
}
