/**
 * `solve`: what would have to be true. For each resource alone, everything else as it is: how much of it a metric needs to
 * reach a target, or how near it comes where no amount does.
 */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { parseQuantity } from "../base/quantity.ts";
import { suggestion } from "../base/suggestion.ts";
import { type Design, type DesignResource, predictDesign, resourcesOf, sampleOf } from "../scenario/index.ts";
import { type Reach, reach } from "../search/index.ts";
import { dimensionOfUnit } from "../search/study/index.ts";
import { field, type Operation } from "./operation.ts";
import { readDesign, scenarioField } from "./scenario-input.ts";

export interface SolveInput {
  readonly scenario: string;
  readonly metric: string;
  readonly target: string;
  readonly resource?: readonly string[];
}

/** One resource and what it would have to be. */
export interface Solved extends Reach {
  readonly resource: string;
  readonly label: string;
  readonly unit: string;
  /** Present amount, SI. */
  readonly value: number;
  /** What it would have to be, SI; absent where no amount reaches the target. */
  readonly needed?: number;
  /** Whether the design with the needed amount fits. */
  readonly feasible?: boolean;
}

export interface SolveOutput {
  readonly name: string;
  readonly metric: string;
  readonly unit: string;
  readonly target: number;
  /** The metric today. */
  readonly today: number;
  /** Those that reach the target first, the nearest to today before others; then those that come closest. */
  readonly resources: readonly Solved[];
  /** Requests of each run, of those of the scenario, where serving is simulated. */
  readonly requests?: { readonly used: number; readonly all: number };
}

/** How closely is looked: closed forms to a millionth, simulated runs no closer than their chance. */
const exact = { doublings: 10, within: 1e-6, noise: 1e-9 } as const;
const simulated = { doublings: 4, within: 0.02, noise: 0.01 } as const;
/** Requests of a simulated run, of which a resource takes some fifteen. */
const requestsMost = 500;

export const solveOperation: Operation<SolveInput, SolveOutput> = {
  name: "solve",
  summary: "What would have to be true: the amount of each resource at which a metric reaches a target.",
  input: z.strictObject({
    scenario: scenarioField,
    metric: field(z.string().min(1), { description: "metric of the prediction, e.g. modelFlopsUtilization" }),
    target: field(z.string().min(1), { description: 'value it is to reach, e.g. "50 %" or "4 s"', value: "VALUE" }),
    resource: field(z.array(z.string().min(1)).exactOptional(), {
      description: "resource as explain --json names it; all of them without it; may be repeated",
      as: "flags",
      value: "NAME",
    }),
  }),
  examples: [
    {
      command: 'windtunnel solve scenario.yaml --metric modelFlopsUtilization --target "50 %"',
      does: "each resource alone, as a factor of today's",
    },
    {
      command: 'windtunnel solve scenario.yaml --metric stepTime --target "4 s" --resource scaleOutBandwidth',
      does: "one resource",
    },
  ],
  infeasible: ({ resources }) => resources.every(({ status }) => status !== "reached"),
  async run({ scenario, metric, target, resource }, host) {
    const design = await readDesign(scenario, host);
    const { base, requests } = repeatable(design);
    const prediction = predictDesign(base);
    const today = knownMetric(prediction.metrics, metric);
    const unit = prediction.units[metric] ?? "1";
    const wanted = targetOf(target, metric, unit);
    const chosen = chosenOf(resourcesOf(base), resource);
    const look = base.kind === "serving" ? simulated : exact;
    const resources = chosen.map((each) => {
      host.progress(`solve: ${each.label}`);
      return solved(each, { metric, target: wanted, ...look });
    });
    return {
      name: prediction.name,
      metric,
      unit,
      target: wanted,
      today,
      resources: inOrder(resources, wanted),
      ...(requests === undefined ? {} : { requests }),
    };
  },
};

/** The design as it is run many times: the same first requests each time where it is simulated. */
export function repeatable(design: Design): { readonly base: Design; readonly requests?: SolveOutput["requests"] } {
  if (design.kind !== "serving") return { base: design };
  const { design: serving, used, all } = sampleOf(design.serving, requestsMost);
  return { base: { kind: "serving", serving }, requests: { used, all } };
}

function knownMetric(metrics: Readonly<Record<string, number>>, metric: string): number {
  const value = metrics[metric];
  if (value !== undefined) return value;
  const near = suggestion(metric, Object.keys(metrics));
  const hint = near === undefined ? `metrics here: ${Object.keys(metrics).join(", ")}` : `did you mean "${near}"?`;
  throw new ProblemError([{ path: "--metric", message: `this scenario has no metric "${metric}"`, hint }]);
}

function targetOf(target: string, metric: string, unit: string): number {
  const parsed = parseQuantity(target, dimensionOfUnit(unit));
  if (parsed.ok && parsed.value > 0) return parsed.value;
  const message = parsed.ok ? `found "${target}", expected more than 0` : parsed.message;
  const hint = parsed.ok ? undefined : (parsed.hint ?? `${metric} is in ${unit}`);
  throw new ProblemError([{ path: "--target", message, ...(hint === undefined ? {} : { hint }) }]);
}

function chosenOf(known: readonly DesignResource[], names: readonly string[] | undefined): readonly DesignResource[] {
  if (names === undefined) return known;
  const problems = names.flatMap((name) => {
    if (known.some((each) => each.name === name)) return [];
    const all = known.map((each) => each.name);
    const near = suggestion(name, all);
    const hint = near === undefined ? `resources here: ${all.join(", ")}` : `did you mean "${near}"?`;
    return [{ path: "--resource", message: `this scenario has no resource "${name}"`, hint }];
  });
  if (problems.length > 0) throw new ProblemError(problems);
  return known.filter(({ name }) => names.includes(name));
}

function solved(
  resource: DesignResource,
  { metric, ...options }: Parameters<typeof reach>[1] & { readonly metric: string },
): Solved {
  const at = (factor: number) => predictDesign(resource.scaled(factor));
  const found = reach((factor) => at(factor).metrics[metric], options);
  const { name, label, unit, value } = resource;
  const needed = found.at === undefined ? {} : { needed: value * found.at.factor };
  const fits = found.at === undefined ? {} : { feasible: at(found.at.factor).feasible };
  return { resource: name, label, unit, value, ...needed, ...fits, ...found };
}

const rank = { reached: 0, unreachable: 1, "no-effect": 2 } as const;

function inOrder(resources: readonly Solved[], target: number): readonly Solved[] {
  const apart = ({ at, nearest }: Solved): number =>
    at === undefined ? Math.abs(nearest.value - target) : Math.max(at.factor, 1 / at.factor);
  return [...resources].sort((a, b) => rank[a.status] - rank[b.status] || apart(a) - apart(b));
}
