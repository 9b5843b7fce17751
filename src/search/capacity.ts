/**
 * Capacity questions of serving: the largest rate that a fleet serves within its targets, and the fewest replicas that
 * serve a load. The field in question is written `auto`.
 *
 * Every trial has the same requests, prompts and chances (common random numbers); only the field differs. Within targets
 * means: it fits, it is not overloaded, every latency target is met. Less load or more replicas never breaking a target
 * is assumed; the trials are all reported, so that a reader sees where it was not so.
 */

import type { PerSecond } from "../base/quantity.ts";
import { finished, type Steps } from "../base/steps.ts";
import { type Files, type Prediction, predictDesign, resolve, type Scenario } from "../scenario/index.ts";
import { autoFieldOf, type CapacityField, withField } from "./auto-field.ts";
import { type Asking, askingFewest, askingLargest } from "./bracket.ts";

/** One value of the field, and what came of it. */
export interface Trial {
  readonly value: number;
  readonly kept: "kept" | "missed";
  /** Why not: targets missed, overload, what does not fit. */
  readonly reasons: readonly string[];
  readonly prediction: Prediction;
}

export interface CapacityAnswer {
  readonly field: CapacityField;
  /** The answer; undefined where no value keeps the targets. */
  readonly value: number | undefined;
  /** The nearest value that does not keep them, undefined where all do within the limits. */
  readonly beyond: number | undefined;
  /** Stopped: the user ended it, the answer is the best so far. */
  readonly ended: "complete" | "stopped";
  /** In the order in which they were run. */
  readonly trials: readonly Trial[];
  /** The run at the answer, or the nearest to keeping its targets. */
  readonly prediction: Prediction;
}

export interface CapacityOptions {
  readonly files: Files;
  /** Told of every trial. */
  readonly onTrial?: (field: CapacityField, trial: Trial) => void;
  /** Asked before every trial; true ends the search with the best so far. */
  readonly cancelled?: () => boolean;
}

/** Rates at which the search begins and ends, in requests a second; two rates nearer than the ratio are the same. */
const rates = { start: 1, least: 1e-3, most: 1e6, ratio: 1.02 } as const;

/** Answers the one field that is `auto`. @throws ProblemError where none is, or several are. */
export function capacity(scenario: Scenario, options: CapacityOptions): CapacityAnswer {
  return finished(capacitySteps(scenario, options));
}

/** The same with a pause after every trial. */
export function* capacitySteps(scenario: Scenario, options: CapacityOptions): Steps<CapacityAnswer> {
  const field = autoFieldOf(scenario);
  const trials: Trial[] = [];
  const asking = askingOf(scenario, field, options.files);
  let asked = asking.next();
  let ended: CapacityAnswer["ended"] = "complete";
  while (asked.done !== true) {
    const { value } = asked;
    let trial = trials.find((each) => each.value === value);
    if (trial === undefined) {
      if (trials.length > 0 && options.cancelled?.() === true) {
        ended = "stopped";
        break;
      }
      trial = trialOf(scenario, field, value, options.files);
      trials.push(trial);
      options.onTrial?.(field, trial);
      yield;
    }
    asked = asking.next(trial.kept === "kept");
  }
  return { field, ended, ...borderOf(field, trials), trials };
}

function askingOf(scenario: Scenario, field: CapacityField, files: Files): Asking {
  if (field.quantity === "rate") return askingLargest(rates);
  return askingFewest({ least: 1, most: replicasThatFit(scenario, field, files) });
}

/** The best value tried that keeps the targets, the nearest beyond it that does not, and the run that shows it. */
function borderOf(
  { quantity }: CapacityField,
  trials: readonly Trial[],
): Pick<CapacityAnswer, "value" | "beyond" | "prediction"> {
  const better = quantity === "rate" ? 1 : -1;
  const byLoad = [...trials].sort((a, b) => better * (a.value - b.value));
  const kept = byLoad.filter((trial) => trial.kept === "kept").at(-1);
  const missed = byLoad.find((trial) => {
    return trial.kept === "missed" && (kept === undefined || better * (trial.value - kept.value) > 0);
  });
  const shown = kept ?? missed;
  if (shown === undefined) throw new Error("a search without trials");
  return { value: kept?.value, beyond: missed?.value, prediction: shown.prediction };
}

/** Replicas that the accelerators hold: what is taken where none are given. */
function replicasThatFit(scenario: Scenario, field: CapacityField, files: Files): number {
  const design = resolve(withField(scenario, field, undefined), files);
  if (design.kind !== "serving") throw new Error("a search in what is no serving scenario");
  const name = field.path.length > 2 ? field.path[2] : undefined;
  const pool = design.serving.pools.find((each) => name === undefined || each.name === name);
  return Math.max(1, pool?.replicas ?? 1);
}

function trialOf(scenario: Scenario, field: CapacityField, value: PerSecond | number, files: Files): Trial {
  const prediction = predictDesign(resolve(withField(scenario, field, value), files));
  const reasons = reasonsOf(prediction);
  return { value, kept: reasons.length === 0 ? "kept" : "missed", reasons, prediction };
}

function reasonsOf({ feasible, binding, verdict, targets = [] }: Prediction): readonly string[] {
  if (!feasible) return [`does not fit: ${binding?.resource ?? "memory"}`];
  const missed = targets.filter(({ met }) => met === "missed").map(({ metric }) => metric);
  return [...(verdict === "overloaded" ? ["overloaded"] : []), ...missed];
}
