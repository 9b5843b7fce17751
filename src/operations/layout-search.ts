/** `search` of layouts: flags, progress, the winner as a scenario, and what other programs read. */

import { isMap, parseDocument } from "yaml";
import { type Problem, ProblemError } from "../base/problem.ts";
import { formatQuantity, parseQuantity, parseRatio } from "../base/quantity.ts";
import {
  type LayoutText,
  layoutIsOpen,
  type Prediction,
  predictDesign,
  resolve,
  resolveUnlaid,
  type TrainingText,
  trainingOf,
  unsearchable,
} from "../scenario/index.ts";
import { type Covered, type FoundLayout, type LayoutAnswer, layoutSteps } from "../search/index.ts";
import type { TrainingCase } from "../training/index.ts";
import { attended } from "./attended.ts";
import type { Host } from "./host.ts";
import { readScenario, type ScenarioInput } from "./scenario-input.ts";

export interface LayoutFlags {
  readonly output?: string;
  readonly against?: string;
  readonly budget?: string;
  readonly margin?: string;
  readonly within?: string;
}

export interface LayoutSearch extends LayoutAnswer {
  readonly name: string;
  /** Keys that were open. */
  readonly open: readonly string[];
}

/** Layouts that are listed. */
const listed = 10;
/** Seconds between two words about progress. */
const wordEvery = 2;

/** Answers an open layout, and writes the winner where asked. */
export async function findLayout(asked: ScenarioInput, flags: LayoutFlags, host: Host): Promise<LayoutSearch> {
  const { scenario, files, text } = asked;
  const { budget, margin, within } = limitsOf(flags);
  const against = flags.against === undefined ? undefined : await rivalOf(flags.against, asked, host);
  const start = host.now();
  let last = start;
  const steps = layoutSteps(scenario, {
    files,
    within,
    memoryMargin: margin,
    top: listed,
    ...(against === undefined ? {} : { against }),
    stop: () => host.cancelled() || host.now() - start > budget,
    onProgress: (covered, best) => {
      if (host.now() - last < wordEvery) return;
      last = host.now();
      host.progress(progressText(covered, best));
    },
  });
  const answer = await attended(steps, host);
  const [best] = answer.best;
  if (flags.output !== undefined && best !== undefined) {
    await host.write(flags.output, withLayout(text, best.layout));
    host.progress(`best layout written to ${flags.output}; windtunnel predict ${flags.output} gives the same`);
  }
  const open = scenario.layout === "auto" ? ["layout"] : Object.keys(scenario.layout?.open ?? {});
  return { name: scenario.name, open, ...answer };
}

/** @throws ProblemError where a flag of layouts is given with a question of capacity. */
export function layoutFlagProblems(flags: LayoutFlags): void {
  const problems = Object.keys(flags).map((flag) => {
    return { path: `--${flag}`, message: "belongs to the search of layouts", hint: "leave it out" };
  });
  if (problems.length > 0) throw new ProblemError(problems);
}

function limitsOf({ budget, margin, within }: LayoutFlags): {
  readonly budget: number;
  readonly margin: number;
  readonly within: number | "error";
} {
  const share = (flag: string, text: string | undefined, fallback: number): number => {
    if (text === undefined) return fallback;
    const found = parseRatio(text);
    if (found.ok && found.value >= 0 && found.value < 1) return found.value;
    throw new ProblemError([{ path: flag, message: `found "${text}", expected a share below 1`, hint: "e.g. 5 %" }]);
  };
  return {
    budget: budgetOf(budget),
    margin: share("--margin", margin, 0),
    within: within === "error" ? within : share("--within", within, 0.02),
  };
}

/** Seconds that a search may take. */
export function budgetOf(budget: string | undefined): number {
  if (budget === undefined) return Number.POSITIVE_INFINITY;
  const time = parseQuantity(budget, "seconds");
  if (time.ok && time.value > 0) return time.value;
  throw new ProblemError([{ path: "--budget", message: `found "${budget}", expected a time`, hint: "e.g. 30 s" }]);
}

async function rivalOf(path: string, asked: ScenarioInput, host: Host): Promise<Prediction> {
  const { scenario, files } = await readScenario(path, host);
  if (layoutIsOpen(scenario)) {
    const message = `${path} has an open layout itself`;
    throw new ProblemError([{ path: "--against", message, hint: "a scenario whose layout is written out" }]);
  }
  if (scenario.workload?.kind !== "training") {
    throw new ProblemError([{ path: "--against", message: `${path} is no training scenario` }]);
  }
  const design = resolve(scenario, files);
  const differing = differences(jobOf(trainingOf(design).training.case), jobOf(caseOf(asked)));
  if (differing.length > 0) throw new ProblemError(differing.map((each) => ({ path: "--against", ...each })));
  return predictDesign(design);
}

function caseOf({ scenario, files }: ScenarioInput): TrainingCase {
  const problems = unsearchable(scenario);
  if (problems.length > 0) throw new ProblemError(problems);
  return resolveUnlaid(scenario, scenario.workload as TrainingText, files).case;
}

/** What two designs of one job have in common. */
function jobOf(c: TrainingCase): Readonly<Record<string, string | number>> {
  const { model, globalBatch, sequenceLength, cluster } = c;
  return { model: model.name, globalBatch, sequenceLength, accelerators: cluster.accelerators };
}

function differences(
  rival: ReturnType<typeof jobOf>,
  asked: ReturnType<typeof jobOf>,
): readonly Pick<Problem, "message" | "hint">[] {
  return Object.keys(asked)
    .filter((key) => rival[key] !== asked[key])
    .map((key) => ({
      message: `another job: ${key} ${rival[key]}, but the search has ${asked[key]}`,
      hint: "a scenario of the same job, with a layout of its own",
    }));
}

function progressText({ space, slower, larger, refused, evaluated }: Covered, best: FoundLayout | undefined): string {
  const done = (slower + larger + refused + evaluated) / space;
  const so = best === undefined ? "nothing fits yet" : `best ${formatQuantity(best.stepTime, "seconds")}`;
  return `${(done * 100).toFixed(0)} % of ${space} layouts covered; ${so}`;
}

/** The scenario's own text with a layout in place of what was open; everything else, comments too, stays. */
function withLayout(text: string, layout: LayoutText): string {
  const document = parseDocument(text);
  const node = document.createNode(layout);
  if (isMap(node)) node.flow = true;
  document.set("layout", node);
  return document.toString({ lineWidth: 0 });
}

/** What other programs read. */
export function layoutDocument(output: LayoutSearch): unknown {
  const { name, open, ended, covered, near, within, memoryMost, best, closest, alike, against, prediction } = output;
  return {
    name,
    field: open,
    ended,
    covered,
    near,
    within,
    memoryMost,
    best,
    closest,
    ...(alike === undefined ? {} : { alike }),
    ...(against === undefined ? {} : { against }),
    prediction: prediction ?? null,
  };
}
