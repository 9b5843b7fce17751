/** `sweep`: runs a study, keeps every finished point, and says which are best. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import type { Seconds } from "../base/quantity.ts";
import { version } from "../scenario/index.ts";
import {
  type Answer,
  answerOf,
  canonical,
  columnsOf,
  gridSize,
  isExhaustive,
  parquetBytes,
  pointsAreSearches,
  type Summary,
  summaryOf,
  type Units,
  wantsOf,
} from "../search/study/index.ts";
import type { Host } from "./host.ts";
import { budgetOf } from "./layout-search.ts";
import { field, type Operation } from "./operation.ts";
import { document, type Finished, linesOf, openFolder, pathIn, writeStudy } from "./sweep/folder.ts";
import { generations, rowsOf } from "./sweep/generations.ts";
import { readStudy, type StudyInput } from "./sweep/read.ts";
import { runMissing } from "./sweep/run.ts";

export interface SweepInput {
  readonly study: string;
  readonly output?: string | undefined;
  readonly points?: number | undefined;
  readonly seed?: number | undefined;
  readonly executors?: number | undefined;
  readonly budget?: string | undefined;
}

export interface SweepOutput {
  readonly summary: Summary;
  readonly folder: string;
  /** Stopped: the user ended it; what is finished is kept, and the answer is the best so far. */
  readonly ended: "complete" | "stopped";
  /** Whether the folder held the answer to another study, over whose files this one was written. */
  readonly before: "kept" | "replaced";
}

/** Points that are looked at before all others, for what metrics there are. */
const probesMost = 8;

const whole = (least: number, most: number) =>
  z.coerce
    .number({ error: "expected a whole number" })
    .int({ error: "expected a whole number" })
    .min(least, { error: `expected ${least} or more` })
    .max(most)
    .optional();

export const sweepOperation: Operation<SweepInput, SweepOutput> = {
  name: "sweep",
  summary: "Run a study: a scenario with vary, and an objective and constraints if you like; resumes where it stopped.",
  input: z.object({
    study: field(z.string().min(1), {
      description: "study file (YAML or JSON), - reads standard input",
      as: "argument",
    }),
    output: field(z.string().min(1).optional(), {
      description: "folder of the results (default: the study's name with .results)",
      value: "DIR",
      short: "o",
    }),
    points: field(whole(1, 1_000_000), {
      description: "draw N points by Latin hypercube, or by the study's sampling",
      value: "N",
    }),
    seed: field(whole(0, 2 ** 32 - 1), { description: "seed of the draw", value: "N" }),
    budget: field(z.string().min(1).optional(), {
      description: "end after this time with the best so far, e.g. 5 min; the same command goes on",
      value: "TIME",
    }),
    executors: field(whole(1, 1024), { description: "worker threads (default: one a core)", value: "N" }),
  }),
  examples: [
    { command: "windtunnel sweep study.yaml", does: "runs what is missing, prints the best" },
    { command: "windtunnel sweep study.yaml -o results --points 1000", does: "a thousand points of a large space" },
  ],
  document: ({ summary }) => summary,
  stopped: ({ ended }) => ended === "stopped",
  infeasible: ({ summary, ended }) => ended === "complete" && summary.points.meets === 0,
  async run({ study: path, output, points, seed, executors, budget }, host) {
    const limit = budgetOf(budget);
    const folder = output ?? (path === "-" ? "study.results" : `${path.replace(/\.[^./\\]+$/, "")}.results`);
    const study = await readStudy(path, { points, seed }, host);
    const finished = await openFolder(folder, host);
    sameModels(study, { finished, folder });
    const before = await writeStudy(folder, { name: nameOf(study), points: study.planned, ...asked(study) }, host);
    begin(study, finished, host);
    await kept(folder, () => probe(study, finished, host));
    wantsOf(study.source, unitsHere(study, finished));
    const stopped = await kept(folder, () => run(study, { finished, budget: limit, width: executors }, host));
    const ended =
      missingOf(study, finished).length === 0 && (!stopped || study.points.length >= study.planned)
        ? "complete"
        : "stopped";
    return { summary: await kept(folder, () => written(study, { finished, folder }, host)), folder, ended, before };
  },
};

/** Whether it was stopped before all was looked at. */
async function run(
  study: StudyInput,
  limits: { readonly finished: Finished; readonly budget: Seconds; readonly width: number | undefined },
  host: Host,
): Promise<boolean> {
  const { finished, budget, width } = limits;
  const { shared, planned, points } = study;
  const start = host.now();
  let stopped = false;
  await runMissing(
    {
      shared,
      planned,
      width,
      missing: missingOf(study, finished),
      more: generations(study, finished),
      count: () => points.length - missingOf(study, finished).length,
      stop() {
        stopped ||= host.cancelled() || host.now() - start >= budget;
        return stopped;
      },
    },
    finished,
    host,
  );
  return stopped;
}

function nameOf({ source }: StudyInput): string {
  return typeof source.base.name === "string" ? source.base.name : "study";
}

function asked({ source, sampling }: StudyInput): object {
  const { base, vary, objective = [], constraints = [] } = source;
  return { scenario: base, vary, sampling, objective, constraints };
}

/** Runs a few points, so that a metric that is not there is said before thousands are run. They are kept like all others. */
async function probe({ points, shared, source, space }: StudyInput, finished: Finished, host: Host): Promise<void> {
  if (source.objective === undefined && source.constraints === undefined) return;
  // Of points that are searches themselves one is enough to wait for.
  const most = pointsAreSearches(space) ? 1 : probesMost;
  const step = Math.max(1, Math.ceil(points.length / most));
  const missing = points.filter(({ key }, index) => index % step === 0 && !finished.outcomes.has(key));
  const answers: Answer[] = missing.map((task) => answerOf(shared, task));
  if (answers.length === 0) return;
  await host.append(finished.file, linesOf(answers, finished.units));
  finished.units = Object.assign({}, finished.units, ...answers.map(({ units }) => units));
  for (const { outcome } of answers) finished.outcomes.set(outcome.key, outcome);
}

/** Units of the metrics that points of this study have; the folder may hold others. */
function unitsHere({ points }: StudyInput, { outcomes, units }: Finished): Units {
  const names = new Set(points.flatMap(({ key }) => Object.keys(outcomes.get(key)?.metrics ?? {})));
  return Object.fromEntries(Object.entries(units).filter(([name]) => names.has(name)));
}

function missingOf({ points }: StudyInput, { outcomes }: Finished): StudyInput["points"] {
  return points.filter(({ key }) => !outcomes.has(key));
}

/**
 * The key of a point names the version of the models, not their code: one finished point is run again, and must come out
 * as it was kept. @throws ProblemError where it does not.
 */
function sameModels(
  { points, shared }: StudyInput,
  { finished, folder }: { readonly finished: Finished; readonly folder: string },
): void {
  const task = points.find(({ key }) => finished.outcomes.has(key));
  if (task === undefined) return;
  const { outcome } = answerOf(shared, task);
  if (canonical(outcome) === canonical(finished.outcomes.get(task.key))) return;
  const message = `the results in "${folder}" were made by other code of version ${version}: a point comes out differently`;
  throw new ProblemError([{ path: "", message, hint: "name another folder with -o; nothing in this one was changed" }]);
}

function begin(study: StudyInput, finished: Finished, host: Host): void {
  const { broken } = finished;
  const missing = missingOf(study, finished).length;
  const { planned } = study;
  const known = study.points.length - missing;
  const cut = broken === 0 ? "" : `; ${broken} ${broken === 1 ? "line was" : "lines were"} cut short and passed over`;
  host.progress(`sweep: ${planned} points, ${known} finished already, ${planned - known} to run${cut}`);
}

/** A problem on the way leaves what is finished, and says so. */
async function kept<Value>(folder: string, action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const hint = `every finished point is kept in "${folder}"; run the same command again to go on`;
    throw new ProblemError(error.problems.map((problem) => ({ hint, ...problem })));
  }
}

/** Writes the rows and the answer, in the order of the design, whatever the order in which they were run. */
async function written(
  study: StudyInput,
  { finished, folder }: { readonly finished: Finished; readonly folder: string },
  host: Host,
): Promise<Summary> {
  const rows = rowsOf(study.points, finished);
  const units = unitsHere(study, finished);
  const wants = wantsOf(study.source, units);
  const fields = study.space.axes.map(({ path }) => path);
  const { axes } = study.space;
  const covered = isExhaustive(axes, study.sampling) && rows.length === study.planned ? "all" : "some";
  const space = { combinations: gridSize(axes), covered } as const;
  const { sampling, planned } = study;
  const summary = summaryOf({ name: nameOf(study), fields, sampling, wants, units, planned, space }, rows);
  const bytes = parquetBytes(columnsOf(fields, rows, wants.limits), `windtunnel ${version}`);
  await host.replace(pathIn(folder, "results.parquet"), bytes);
  await host.replace(pathIn(folder, "summary.json"), document(summary));
  return summary;
}
