/** The configurations of an open serving scenario: groups of one shape and setting, their members differ in replicas. */

import { type ConfigurationText, openedOf, type Scenario, type ServingDesign } from "../../scenario/index.ts";
import { degreeChoices, engineChoices } from "../../serving/index.ts";

export interface ConfigurationGroup {
  readonly text: ConfigurationText;
  /** Accelerators of one replica, as far as the open degrees say. */
  readonly accelerators: number;
}

type Opened = Readonly<Record<string, "auto" | readonly (number | string)[]>>;
type Choices = Readonly<Record<string, readonly (number | string)[]>>;

/** Every group, smaller replicas first. `like` is any design of the scenario: its model and its nodes. */
export function configurationGroups(
  scenario: Scenario,
  { model, pools: [pool] }: Pick<ServingDesign, "model" | "pools">,
): readonly ConfigurationGroup[] {
  if (pool === undefined) return [];
  const { node, accelerators } = pool.cluster;
  const domain = Math.max(node.scaleUp.domain, node.acceleratorsPerNode);
  const own = degreeChoices({ model, accelerators, domain });
  const { degrees, engine } = openedOf(scenario);
  const of = (open: Opened, known: Choices): Choices =>
    Object.fromEntries(
      Object.entries(open)
        .map(([key, found]) => [key, found === "auto" ? (known[key] ?? []) : found] as const)
        // A key without a choice stays unwritten: its one value is its default.
        .filter(([key, values]) => open[key] !== "auto" || values.length > 1),
    );
  const shapes = products(of(degrees, { ...own }))
    .map((shape) => withExperts(shape, scenario))
    .filter(({ accelerators: size }) => size <= accelerators);
  const settings = products(of({ ...engine }, engineChoices));
  return shapes
    .flatMap(({ shape, accelerators: size }) =>
      settings.map((setting) => ({ text: { ...shape, engine: setting }, accelerators: size })),
    )
    .sort((a, b) => a.accelerators - b.accelerators);
}

/** Experts over none or all of the ranks become a degree. */
function withExperts(
  { expert, ...shape }: Readonly<Record<string, number | string>>,
  { serving = {} }: Scenario,
): { readonly shape: Readonly<Record<string, number>>; readonly accelerators: number } {
  const degree = (key: "tensor" | "pipeline" | "attentionData"): number => Number(shape[key] ?? serving[key] ?? 1);
  const ranks = degree("tensor") * degree("attentionData");
  const spread = expert === "all" ? ranks : expert === "one" ? 1 : expert;
  const degrees = { ...shape, ...(spread === undefined ? {} : { expert: spread }) };
  return { shape: degrees as Readonly<Record<string, number>>, accelerators: ranks * degree("pipeline") };
}

/** Every way of taking one value of each key; equal ones once. */
function products(choices: Choices): readonly Readonly<Record<string, number | string>>[] {
  return Object.entries(choices).reduce<readonly Readonly<Record<string, number | string>>[]>(
    (all, [key, values]) => all.flatMap((each) => [...new Set(values)].map((value) => ({ ...each, [key]: value }))),
    [{}],
  );
}
