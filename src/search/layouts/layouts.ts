/** The question `layout: auto`: what is asked, whether it can be answered, and the answer with its proof. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import type { Bytes, Seconds } from "../../base/quantity.ts";
import {
  type Files,
  type LayoutText,
  predict,
  resolveUnlaid,
  type Scenario,
  type TrainingText,
  unsearchable,
} from "../../scenario/index.ts";
import type { LayoutAnswer } from "./answer.ts";
import { type FindOptions, findLayouts } from "./find.ts";
import { wholeLayout } from "./values.ts";

export interface LayoutOptions extends Pick<FindOptions, "stop" | "onProgress" | "within"> {
  readonly files: Files;
  /** Share of the accelerator's memory that stays free. */
  readonly memoryMargin: number;
  /** Layouts listed. */
  readonly top: number;
  /** A design of the same job, that the best is held against. */
  readonly against?: { readonly stepTime: Seconds; readonly memory: Bytes };
}

/** @throws ProblemError where the layout is not open, the job is not one that can be searched, or the space is empty. */
export function searchLayouts(scenario: Scenario, options: LayoutOptions): LayoutAnswer {
  const { against, within, top, files } = options;
  const problems = unsearchable(scenario);
  if (problems.length > 0) throw new ProblemError(problems);
  const unlaid = resolveUnlaid(scenario, scenario.workload as TrainingText, files);
  const written = scenario.layout === "auto" ? wholeLayout : (scenario.layout ?? {});
  const { capacity } = unlaid.case.cluster.node.accelerator.memory;
  const memoryMost = capacity * (1 - options.memoryMargin);
  const found = findLayouts(written, unlaid, {
    within,
    memoryMost,
    stop: options.stop,
    onProgress: options.onProgress,
  });
  const { covered, best } = found;
  if (covered.space === covered.refused) throw new ProblemError([emptySpace(written)]);
  const near = best.nearOnes();
  const [first] = near;
  return {
    ended: covered.left === 0 ? "proven" : "stopped",
    covered,
    best: near.slice(0, top),
    near: near.length,
    within,
    memoryMost,
    closest: near.length === 0 ? found.closest : [],
    ...(against === undefined ? {} : { against }),
    ...(first === undefined ? {} : { prediction: predict({ ...scenario, layout: first.layout }, files) }),
  };
}

function emptySpace({ open }: LayoutText): Problem {
  const keys = Object.keys(open ?? {}).join(", ");
  return {
    path: "layout",
    message: `no layout of the space is possible: degrees, batch, heads or schedules never go together (open: ${keys})`,
    hint: "open more keys, or predict one layout to see what stands in its way",
  };
}
