/**
 * What would make a design faster: single changes of its layout, precision or stack, each written into the scenario and
 * predicted as if the user had written it. What the language refuses and what does not fit is dropped; a difference below
 * what can be told apart is a tie, not a gain.
 *
 * Not a search: one change at a time, the global batch stays. Where a change takes another stack or other arithmetic,
 * that is said with it.
 */

import { ProblemError } from "../base/problem.ts";
import type { Seconds } from "../base/quantity.ts";
import { defaultTie } from "../evidence/index.ts";
import {
  type DesignOf,
  type LayoutText,
  type Prediction,
  predictDesign,
  resolve,
  type Scenario,
} from "../scenario/index.ts";
import { type Candidate, candidatesOf, type Edit } from "./candidates.ts";
import type { ScenarioInput } from "./scenario-input.ts";

export interface Change {
  /** As a scenario writes it: `layout.recompute: none`. */
  readonly change: string;
  readonly reason: string;
  /** What it takes beside the key: another stack, other arithmetic. */
  readonly needs?: string;
  readonly stepTime: Seconds;
  /** Share of the step that it saves. */
  readonly gain: number;
  readonly fit: Prediction["fit"];
}

export interface Changes {
  /** Those that save more than the margin of a tie, the largest gain first; of the same keys only the best. */
  readonly gains: readonly Change[];
  /** How many were predicted, and what became of the others. */
  readonly tried: number;
  readonly faster: number;
  readonly ties: number;
  readonly slower: number;
  readonly doesNotFit: number;
}

/** The best changes of a scenario; `most` of them. */
export function changesOf(input: ScenarioInput, design: DesignOf<"training">, most = 3): Changes {
  const before = predictDesign(design).metrics.stepTime ?? Number.NaN;
  const predicted = candidatesOf(design.training.case).flatMap((candidate) => {
    const found = predictedWith(input, candidate, before);
    return found === undefined ? [] : [found];
  });
  const fitting = predicted.filter(({ fit }) => fit !== "does-not-fit");
  const gains = fitting.filter(({ gain }) => gain > defaultTie).sort((a, b) => b.gain - a.gain);
  const slower = fitting.filter(({ gain }) => gain < -defaultTie).length;
  return {
    gains: bestOfEach(gains).slice(0, most),
    tried: predicted.length,
    faster: gains.length,
    ties: fitting.length - gains.length - slower,
    slower,
    doesNotFit: predicted.length - fitting.length,
  };
}

/** Of several values of the same keys the best: three choices, not three of one. */
function bestOfEach(gains: readonly Change[]): readonly Change[] {
  const seen = new Set<string>();
  return gains.filter(({ change }) => {
    const keys = change.replace(/: [^,]*/g, "");
    return !seen.has(keys) && seen.add(keys);
  });
}

function predictedWith({ scenario, files }: ScenarioInput, candidate: Candidate, before: Seconds): Change | undefined {
  const { change, reason } = candidate;
  const idle = idleKeys(scenario, candidate.edit);
  const removed = idle.length === 0 ? [] : [`${idle.join(" and ")} removed`];
  const needs = [...(candidate.needs === undefined ? [] : [candidate.needs]), ...removed].join("; ");
  try {
    const prediction = predictDesign(resolve(edited(scenario, candidate.edit), files));
    const stepTime: Seconds = prediction.metrics.stepTime ?? Number.NaN;
    const gain = 1 - stepTime / before;
    return { change, reason, ...(needs === "" ? {} : { needs }), stepTime, gain, fit: prediction.fit };
  } catch (error) {
    // The language refuses it: heads, layers or batches that do not divide, a precision that the accelerator lacks.
    if (error instanceof ProblemError) return undefined;
    throw error;
  }
}

/** The scenario with some keys written anew. Only degrees that it states are restated; the others follow. */
function edited(scenario: Scenario, edit: Edit): Scenario {
  const { layout, software, precision } = edit;
  const { layout: written, software: stack, workload } = scenario;
  const degrees = written === "auto" || written === undefined ? {} : written;
  const data = layout?.data === undefined || degrees.data === undefined ? {} : { data: layout.data };
  const { data: _, ...others } = layout ?? {};
  const idle = idleKeys(scenario, edit);
  const kept = without(degrees, "layout", idle);
  const changed: Scenario = {
    ...scenario,
    ...(layout === undefined ? {} : { layout: { ...kept, ...others, ...data } }),
    ...(software === undefined
      ? {}
      : { software: withSwitches(without(stackObject(stack), "software", idle), software) }),
    ...(precision === undefined || workload === undefined
      ? {}
      : { workload: { ...workload, precision } as typeof workload }),
  };
  // Places belong to the file; what is refused here is not the user's mistake.
  const { places: __, ...bare } = changed;
  return bare;
}

/** Written keys that the change leaves without effect, which the language would refuse. */
function idleKeys({ layout, software }: Scenario, { layout: change, software: switches }: Edit): readonly string[] {
  const { recompute, sharding, context } = change ?? {};
  const whole = sharding !== undefined && sharding !== "full" && sharding !== "hybrid";
  const idle: (keyof LayoutText)[] = [
    ...(recompute !== undefined && recompute !== "full" ? (["recomputeLayers"] as const) : []),
    ...(sharding !== undefined && sharding !== "hybrid" ? (["shardGroup"] as const) : []),
    ...(whole ? (["reshardAfterForward"] as const) : []),
    ...(context === 1 ? (["contextBalance", "contextInner"] as const) : []),
  ];
  const written = layout === undefined || layout === "auto" ? {} : layout;
  const scope = typeof software === "object" && software.cudaGraphScope !== undefined;
  return [
    ...idle.filter((key) => written[key] !== undefined).map((key) => `layout.${key}`),
    ...(scope && switches?.cudaGraphs !== undefined ? ["software.cudaGraphScope"] : []),
  ];
}

/** An object without the keys of a path of two words. */
function without<Text extends object>(text: Text, section: string, paths: readonly string[]): Text {
  const kept = Object.entries(text).filter(([key]) => !paths.includes(`${section}.${key}`));
  return Object.fromEntries(kept) as Text;
}

type Stack = Exclude<NonNullable<Scenario["software"]>, string>;

function stackObject(stack: Scenario["software"]): Stack {
  return stack === undefined ? {} : typeof stack === "string" ? { extends: stack } : stack;
}

function withSwitches(base: Stack, change: NonNullable<Edit["software"]>): Stack {
  return {
    ...base,
    ...change,
    ...(change.overlap === undefined ? {} : { overlap: { ...base.overlap, ...change.overlap } }),
    ...(change.kernels === undefined ? {} : { kernels: { ...base.kernels, ...change.kernels } }),
  };
}
