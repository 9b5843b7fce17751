/**
 * The value of an assumption at which the decision flips: the recommended option loses to another, or breaks a requirement
 * that it kept. One assumption at a time, searched outwards to a quarter and to four times its value, then halved between.
 *
 * A resource that several options share, by name and value, changes in all of them.
 * Ignores: borders that lie inside one doubling and are crossed back again; of serving, inside the whole range.
 */

import { type Design, type Prediction, predictDesign, resourcesOf } from "../../scenario/index.ts";
import { largestThat } from "../../search/index.ts";
import { type Choice, choose, keptBy } from "./choose.ts";
import type { Goal, Option, Requirement } from "./question.ts";

export interface Border {
  /** Of the value it has now. */
  readonly factor: number;
  /** Index of the option that is better from there on; that of the recommended one where it only breaks something. */
  readonly to: number;
  /** Requirements that the recommended option no longer keeps. */
  readonly breaks: readonly string[];
}

export interface Flip {
  readonly name: string;
  /** Resources that were moved together: of pools on the same hardware. */
  readonly resources: readonly string[];
  readonly label: string;
  readonly value?: number;
  readonly unit?: string;
  readonly less?: Border;
  readonly more?: Border;
}

export interface Question {
  readonly options: readonly Option[];
  readonly requirements: readonly Requirement[];
  readonly goal: Goal;
  readonly choice: Choice;
}

type Predicted = readonly Pick<Option, "prediction">[];

export const flipRange = 4;
/** How near a border is found; simulated runs jump a little, and finer is no truer. */
const ratios = { simulated: 1.03, closed: 1.005 };

/** One line for each resource of the recommended design, then one for the model's own error. */
export function flipsOf(question: Question): readonly Flip[] {
  const recommended = question.options[question.choice.index];
  if (recommended?.design === undefined) return [];
  const figures = figuresOf(recommended.design).map((figure): Flip => {
    const { name, label, value, unit, resources } = figure;
    const at = (factor: number): Predicted => scaledOptions(question.options, figure, factor);
    return { name, label, value, unit, resources: resources.map((each) => each.name), ...bordersOf(question, at) };
  });
  const model: Flip = {
    name: "model",
    resources: [],
    label: "time predicted for the recommended option",
    ...bordersOf(question, (factor) => slowed(question, factor)),
  };
  return [model, ...figures];
}

/** A figure of the design: a resource, or the same one of several pools on hardware that has as much of it. */
interface Figure {
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly resources: readonly NamedResource[];
}

type NamedResource = ReturnType<typeof resourcesOf>[number];

function figuresOf(design: Design): readonly Figure[] {
  const figures = new Map<string, Figure>();
  for (const resource of resourcesOf(design)) {
    const { value, unit } = resource;
    const [label = "", pool] = resource.label.split(", pool ");
    const name = pool === undefined ? resource.name : resource.name.slice(pool.length + 1);
    const key = pool === undefined ? resource.name : `${name} ${value}`;
    const resources = [...(figures.get(key)?.resources ?? []), resource];
    const whole = resources.length > 1 || pool === undefined;
    figures.set(key, {
      name: whole ? name : resource.name,
      label: whole ? label : resource.label,
      value,
      unit,
      resources,
    });
  }
  return [...figures.values()];
}

function scaledOptions(options: readonly Option[], figure: Figure, factor: number): Predicted {
  return options.map((option) => {
    const { design } = option;
    const same = design === undefined ? undefined : figuresOf(design).find((each) => isSame(each, figure));
    if (design === undefined || same === undefined) return option;
    const names = same.resources.map(({ name }) => name);
    return lazily(() => predictDesign(names.reduce((all, name) => scaledBy(all, name, factor), design)));
  });
}

/** Others need not be predicted where the recommended option breaks by itself. */
function lazily(predict: () => Prediction): { readonly prediction: Prediction } {
  let found: Prediction | undefined;
  return {
    get prediction() {
      found ??= predict();
      return found;
    },
  };
}

function isSame(one: Figure, other: Figure): boolean {
  return one.name === other.name && one.value === other.value;
}

function scaledBy(design: Design, name: string, factor: number): Design {
  return (
    resourcesOf(design)
      .find((each) => each.name === name)
      ?.scaled(factor) ?? design
  );
}

/** What becomes of a metric where all takes `factor` times as long. */
function slowedBy(factor: number, name: string, unit: string | undefined): number {
  if (unit === "s" || unit === "USD" || unit === "J") return factor;
  const rate = unit?.endsWith("/s") || name === "modelFlopsUtilization";
  return rate ? 1 / factor : 1;
}

/** The recommended option as if everything took so much longer. */
function slowed({ options, choice }: Question, factor: number): Predicted {
  return options.map((option, index) => {
    const { prediction } = option;
    if (index !== choice.index || prediction === undefined) return option;
    const moved = (name: string): number => slowedBy(factor, name, prediction.units[name]);
    const metrics = Object.fromEntries(
      Object.entries(prediction.metrics).map(([name, value]) => [name, value * moved(name)]),
    );
    const basis = Object.fromEntries(
      Object.entries(prediction.basis).map(([name, entry]) => {
        const { interval } = entry;
        const by = moved(name);
        return [
          name,
          interval === null ? entry : { ...entry, interval: [interval[0] * by, interval[1] * by] as const },
        ];
      }),
    );
    const shifted: Prediction = { ...prediction, metrics, basis };
    return { prediction: shifted };
  });
}

function bordersOf(question: Question, at: (factor: number) => Predicted): Pick<Flip, "less" | "more"> {
  const less = borderOf(question, (size) => at(1 / size));
  const more = borderOf(question, at);
  return {
    ...(less === undefined ? {} : { less: { ...less, factor: 1 / less.factor } }),
    ...(more === undefined ? {} : { more }),
  };
}

function borderOf(question: Question, at: (size: number) => Predicted): Border | undefined {
  const changes = new Map<number, Predicted>();
  const changed = (size: number): Predicted => {
    const found = changes.get(size) ?? at(size);
    changes.set(size, found);
    return found;
  };
  const holds = (size: number): boolean =>
    size === 1 ||
    (breaksOf(question, changed(size)).length === 0 && bestOf(question, changed(size)) === question.choice.index);
  const simulated = question.options[question.choice.index]?.design?.kind === "serving";
  // A run of requests takes long enough to look at the end of the range first.
  if (simulated && holds(flipRange)) return undefined;
  const ratio = simulated ? ratios.simulated : ratios.closed;
  const { fails } = largestThat(holds, { start: 1, least: 1, most: flipRange, ratio });
  if (fails === undefined) return undefined;
  return { factor: fails, to: bestOf(question, changed(fails)), breaks: breaksOf(question, changed(fails)) };
}

function bestOf({ requirements, goal }: Question, changed: Predicted): number {
  return choose(changed, requirements, goal).index;
}

function breaksOf({ options, requirements, choice }: Question, changed: Predicted): readonly string[] {
  const keeps = (all: Predicted, requirement: Requirement): boolean =>
    keptBy(all[choice.index]?.prediction, requirement).kept;
  return requirements.filter((each) => keeps(options, each) && !keeps(changed, each)).map(({ id }) => id);
}

/** Those that flip something, first the one that has to move least. */
export function nearestFlips(flips: readonly Flip[]): readonly Flip[] {
  return flips
    .filter(({ less, more }) => less !== undefined || more !== undefined)
    .sort((one, other) => distance(one) - distance(other));
}

/** Factors, either way. */
function distance({ less, more }: Flip): number {
  return Math.min(
    less === undefined ? Number.POSITIVE_INFINITY : 1 / less.factor,
    more?.factor ?? Number.POSITIVE_INFINITY,
  );
}
