/**
 * Which measurements would narrow the difference of two training steps most. Each part of a step has the error that it
 * showed where it was measured alone (gap/suspects.ts), e. Errors of parts are taken as independent; the two steps share
 * the error of a part where they run on the same accelerators:
 *
 *     v_i = (e_i(B) - e_i(A))^2 on the same, e_i(A)^2 and e_i(B)^2 apart on unlike ones
 *     narrows_i = 1 - sqrt(1 - v_i / sum v)
 *
 * Ignores: what a measurement of one part says of another, and what it costs to make.
 */

import { sqrt } from "../base/math.ts";
import type { Seconds } from "../base/quantity.ts";
import type { Prediction, TrainingDesign } from "../scenario/index.ts";
import { leavesOf } from "./gap/leaves.ts";
import type { Suspect } from "./gap/suspect.ts";
import { suspectsOf } from "./gap/suspects.ts";

export interface Measurable {
  readonly term: string;
  readonly label: string;
  /** Accelerator to measure on. */
  readonly accelerator: string;
  /** 90 % half-width that it puts on the difference. */
  readonly error: Seconds;
  /** Share by which the half-width of the difference shrinks once it is known. */
  readonly narrows: number;
  /** What to run. */
  readonly how: string;
}

interface Step {
  readonly design: TrainingDesign;
  readonly prediction: Prediction;
}

/** Those that narrow it most, at most `most`; nothing where no part's error reaches the difference. */
export function measureNext(one: Step, other: Step, most = 3): readonly Measurable[] {
  const all = alike(one, other) ? together(one, other) : [...alone(one), ...alone(other)];
  const variance = all.reduce((sum, { error }) => sum + error * error, 0);
  if (variance === 0) return [];
  return all
    .map((each) => ({ ...each, narrows: 1 - sqrt(Math.max(0, 1 - (each.error * each.error) / variance)) }))
    .filter(({ narrows }) => narrows > 0)
    .sort((a, b) => b.narrows - a.narrows)
    .slice(0, most);
}

type Known = Omit<Measurable, "narrows">;

function alone({ design, prediction }: Step): readonly Known[] {
  const branches = new Map(leavesOf(prediction.terms).map(({ name, branch }) => [name, branch]));
  return suspectsOf(design, prediction).map((suspect) => {
    const { term, label } = suspect;
    const how = howTo(term, branches.get(term));
    return { term, label, accelerator: acceleratorOf(design), error: errorOf(suspect), how };
  });
}

/** Parts of one name differ by the difference of their errors. */
function together(one: Step, other: Step): readonly Known[] {
  const before = new Map(alone(one).map((each) => [each.term, each]));
  const after = alone(other);
  const names = new Set(after.map(({ term }) => term));
  return [
    ...after.map((each) => ({ ...each, error: Math.abs(each.error - (before.get(each.term)?.error ?? 0)) })),
    ...[...before.values()].filter(({ term }) => !names.has(term)),
  ];
}

function alike(one: Step, other: Step): boolean {
  return acceleratorOf(one.design) === acceleratorOf(other.design);
}

function acceleratorOf({ case: c }: TrainingDesign): string {
  return c.cluster.node.accelerator.name;
}

function errorOf({ error }: Suspect): Seconds {
  return (error.less + error.more) / 2;
}

function howTo(term: string, branch: string | undefined): string {
  if (branch === "computation") {
    const kernel = term.split("/").at(-1) ?? term;
    const what = { matrix: "matrix products", attention: "the attention kernel", experts: "grouped products" }[kernel];
    return `time ${what ?? "these passes"} alone at the shapes of one layer`;
  }
  if (branch === "communication")
    return "nccl-tests on the same ranks and sizes, then the step with overlap on and off";
  if (term === "optimizer") return "time one optimizer update alone";
  return "a profile of one step on a few nodes";
}
