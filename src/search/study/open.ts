/**
 * One scenario of a study, predicted. What is `auto` in it is searched first, as `search` does, so that a study's choices
 * stand around the best layout, configuration or rate of each point. What comes out besides a prediction's metrics is what
 * limits are often put on: the accelerators that a design takes, the share of their memory that stays free, the mean power.
 */

import {
  configurationIsOpen,
  type Design,
  type Files,
  type LayoutText,
  layoutIsOpen,
  type Prediction,
  predictDesign,
  resolve,
  type Scenario,
  withConfiguration,
} from "../../scenario/index.ts";
import { hasAutoField, withField } from "../auto-field.ts";
import { capacity } from "../capacity.ts";
import { searchConfigurations } from "../configurations/find.ts";
import { searchLayouts } from "../layouts/layouts.ts";

/** What was open, by its path, and what the search found for it. */
export type Found = Readonly<Record<string, unknown>>;

export interface Settled {
  readonly prediction: Prediction;
  readonly found?: Found;
}

/** What a point is predicted with. */
export interface Around {
  readonly files: Files;
  /** Share of the accelerator's memory that a layout found leaves free. */
  readonly memoryMargin: number;
}

/** @throws ProblemError with every problem of the scenario, or of a search in it. */
export function settled(scenario: Scenario, around: Around): Settled {
  const { files } = around;
  const { closed, found } = closedOf(scenario, around);
  const prediction = predictionWithSizes(resolve(closed, files));
  return { prediction, ...(found === undefined ? {} : { found }) };
}

/** The prediction of a design, with what limits are often put on among its metrics. */
export function predictionWithSizes(design: Design): Prediction {
  const prediction = predictDesign(design);
  const sizes = sizesOf(design, prediction);
  const metrics = { ...prediction.metrics, ...sizes.metrics };
  const units = { ...prediction.units, ...sizes.units };
  return { ...prediction, metrics, units };
}

/** Whether a point of it is a search. */
export function isOpen(scenario: Scenario): boolean {
  return layoutIsOpen(scenario) || configurationIsOpen(scenario) || hasAutoField(scenario);
}

/** The scenario with the best in the place of what is open; where nothing is good enough, with the nearest. */
function closedOf(scenario: Scenario, around: Around): { readonly closed: Scenario; readonly found?: Found } {
  const { files } = around;
  if (layoutIsOpen(scenario)) {
    const layout = layoutOf(scenario, around);
    return { closed: { ...scenario, layout }, found: { layout } };
  }
  if (configurationIsOpen(scenario)) {
    const { best, closest } = searchConfigurations(scenario, { files });
    const configuration = (best[0] ?? closest[0])?.configuration ?? { engine: {} };
    return { closed: withConfiguration(scenario, configuration), found: { "serving.configuration": configuration } };
  }
  if (hasAutoField(scenario)) {
    const { field, value, beyond } = capacity(scenario, { files });
    const taken = value ?? beyond;
    return { closed: withField(scenario, field, taken), found: { [field.path.join(".")]: taken } };
  }
  return { closed: scenario };
}

function layoutOf(scenario: Scenario, { files, memoryMargin }: Around): LayoutText {
  const nothing = (): void => undefined;
  const options = { files, within: 0, memoryMargin, top: 1, stop: () => false, onProgress: nothing };
  const { best, closest } = searchLayouts(scenario, options);
  return (best[0] ?? closest[0])?.layout ?? {};
}

interface Sizes {
  readonly metrics: Readonly<Record<string, number>>;
  readonly units: Readonly<Record<string, string>>;
}

/** Of training and serving; what a design does not fix, such as the replicas of an autoscaler, is left out. */
function sizesOf(design: Design, { metrics }: Prediction): Sizes {
  const sizes: Record<string, readonly [value: number, unit: string]> = {};
  if (design.kind === "training") {
    const { cluster, pools } = design.training.case;
    sizes.accelerators = [cluster.accelerators, "1"];
    const { memoryPerAccelerator: held, energy, timeToTrain } = metrics;
    if (pools === undefined && held !== undefined)
      sizes.memoryMargin = [1 - held / cluster.node.accelerator.memory.capacity, "1"];
    if (energy !== undefined && timeToTrain !== undefined) sizes.power = [energy / timeToTrain, "W"];
  }
  if (design.kind === "serving" && design.serving.autoscaler === undefined) {
    const { pools } = design.serving;
    const taken = pools.reduce((sum, { replicas, layout }) => sum + replicas * layout.accelerators, 0);
    sizes.accelerators = [taken, "1"];
  }
  const entries = Object.entries(sizes);
  return {
    metrics: Object.fromEntries(entries.map(([name, [value]]) => [name, value])),
    units: Object.fromEntries(entries.map(([name, [, unit]]) => [name, unit])),
  };
}
