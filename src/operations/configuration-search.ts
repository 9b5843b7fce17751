/** `search` of configurations of serving: budget, progress, the winner as a scenario, and what other programs read. */

import { isMap, parseDocument } from "yaml";
import { ProblemError } from "../base/problem.ts";
import { type ConfigurationText, openedOf, type Scenario } from "../scenario/index.ts";
import {
  type ChosenConfigurations,
  type ConfigurationAnswer,
  choiceSteps,
  configurationSteps,
  type FoundConfiguration,
  hasWish,
} from "../search/index.ts";
import { attended } from "./attended.ts";
import type { Host } from "./host.ts";
import { budgetOf, type LayoutFlags } from "./layout-search.ts";
import type { ScenarioInput } from "./scenario-input.ts";

export interface ConfigurationSearch extends ConfigurationAnswer {
  readonly name: string;
  /** Keys that were open. */
  readonly open: readonly string[];
}

/** The same where the scenario has an objective or constraints. */
export interface ConfigurationChoice extends ChosenConfigurations {
  readonly name: string;
  readonly open: readonly string[];
}

/** Answers an open configuration, and writes the winner where asked. */
export async function findConfiguration(
  { scenario, files, text }: ScenarioInput,
  flags: LayoutFlags,
  host: Host,
): Promise<ConfigurationSearch | ConfigurationChoice> {
  refuseOthers(flags);
  if (flags.output !== undefined) refuseFront(scenario);
  const budget = budgetOf(flags.budget);
  const start = host.now();
  const options = {
    files,
    stop: () => host.cancelled() || host.now() - start > budget,
    onProgress: (covered: ConfigurationAnswer["groups"], best: FoundConfiguration | undefined) => {
      const so = best === undefined ? "" : `; best ${best.accelerators} accelerators`;
      host.progress(`${coveredOf(covered)} of ${covered.groups} groups covered, ${covered.runs} runs${so}`);
    },
  };
  const { degrees, engine, replicas } = openedOf(scenario);
  const open = [...Object.keys(degrees), ...Object.keys(engine), ...(replicas === "open" ? ["replicas"] : [])];
  const about = { name: scenario.name, open };
  if (hasWish(scenario)) {
    const choice = await attended(choiceSteps(scenario, options), host);
    await writeBest(choice.best, { text, to: flags.output }, host);
    return { ...about, ...choice };
  }
  const answer = await attended(configurationSteps(scenario, options), host);
  await writeBest(answer.best[0]?.configuration, { text, to: flags.output }, host);
  return { ...about, ...answer };
}

/** Groups that are left out or simulated. */
export function coveredOf({ refused, memory, slower, overloaded, simulated }: ConfigurationAnswer["groups"]): number {
  return refused + memory + slower + overloaded + simulated;
}

async function writeBest(
  best: ConfigurationText | undefined,
  { text, to }: { readonly text: string; readonly to: string | undefined },
  host: Host,
): Promise<void> {
  if (to === undefined || best === undefined) return;
  await host.write(to, written(text, best));
  host.progress(`best configuration written to ${to}; windtunnel predict ${to} gives the same`);
}

function refuseFront({ objective = [] }: Scenario): void {
  if (objective.length < 2) return;
  const message = "several objectives have a front, and no best to write";
  throw new ProblemError([{ path: "--output", message, hint: "leave it out, or keep one objective" }]);
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
  // One design has no objective; its constraints stay, and get a probability.
  document.deleteIn(["objective"]);
  for (const [key, value] of Object.entries(degrees)) document.setIn(["serving", key], value);
  const own = document.getIn(["serving", "engine"]);
  if (!isMap(own) && Object.keys(engine).length > 0) {
    const [name = "", version] = typeof own === "string" ? own.trim().split("@") : [];
    const named = own === undefined ? {} : { name, ...(version === undefined ? {} : { version }) };
    document.setIn(["serving", "engine"], document.createNode({ ...named, ...engine }));
  } else for (const [key, value] of Object.entries(engine)) document.setIn(["serving", "engine", key], value);
  return document.toString({ lineWidth: 0 });
}

/** What other programs read of a choice: the answer of a study over configurations. */
export function choiceDocument({ open, ended, groups, summary }: ConfigurationChoice): unknown {
  const { sampling: _, space: __, format: ___, ...answer } = summary;
  return { field: open, ended, covered: groups, ...answer };
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
