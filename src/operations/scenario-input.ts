/** The scenario an operation is asked about: read, parsed, with the files it names, and resolved. */

import { z } from "zod";
import { type Problem, ProblemError } from "../base/problem.ts";
import {
  type Design,
  type Files,
  inOrder,
  parseScenario,
  requiredFiles,
  resolve,
  type Scenario,
  withStandIns,
} from "../scenario/index.ts";
import type { Host } from "./host.ts";
import { field } from "./operation.ts";

/** The first argument of operations on one scenario. */
export const scenarioField: z.ZodType<string> = field(z.string().min(1), {
  description: "scenario file (YAML or JSON), - reads standard input",
  as: "argument",
});

/** A scenario as it was written, with the text of the files it names: what a change of it is made from. */
export interface ScenarioInput {
  readonly scenario: Scenario;
  readonly files: Files;
  /** The text that it was read from. */
  readonly text: string;
}

/**
 * Reads a scenario and everything it names.
 * Rejects with a ProblemError: unreadable files, mistakes in the scenario, all of them at once.
 */
export async function readDesign(path: string, host: Host): Promise<Design> {
  const { scenario, files } = await readScenario(path, host);
  return resolve(scenario, files);
}

/** The same before names are looked up. */
export async function readScenario(path: string, host: Host): Promise<ScenarioInput> {
  const text = await host.read(path);
  const scenario = await parsedWith(text, path, host);
  return { scenario, files: await namedFiles(scenario, path, host), text };
}

/** The scenario of a text; where only required keys are missing, their problems with whatever else is wrong. */
async function parsedWith(text: string, path: string, host: Host): Promise<Scenario> {
  const options = { file: path === "-" ? "stdin" : path };
  try {
    return parseScenario(text, options);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const stoodIn = withStandIns(text, error, options);
    if (stoodIn === undefined) throw error;
    const further = await problemsOfLookingUp(stoodIn.scenario, path, host);
    throw new ProblemError(inOrder([...error.problems, ...further.filter((each) => !stoodIn.isDoubtful(each.path))]));
  }
}

async function problemsOfLookingUp(scenario: Scenario, path: string, host: Host): Promise<readonly Problem[]> {
  try {
    resolve(scenario, await namedFiles(scenario, path, host));
    return [];
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
}

/** The text of every file that a scenario names. */
async function namedFiles(scenario: Scenario, path: string, host: Host): Promise<Files> {
  const files: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const needed of requiredFiles(scenario)) {
    try {
      files[needed] = await host.read(needed, path === "-" ? undefined : path);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const key = keyOf(scenario, needed);
      const location = scenario.places?.values.get(key);
      for (const problem of error.problems) {
        const lost = problem.hint === undefined && problem.message.endsWith("no such file");
        const hint = lost ? { hint: "a path is meant from the folder of the scenario" } : {};
        const place = location === undefined ? {} : { location };
        problems.push({ ...problem, ...hint, ...place, path: key });
      }
    }
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return files;
}

/** The key under which a scenario names a file. */
function keyOf(scenario: Scenario, needed: string): string {
  const { workload, workloads, cluster } = scenario;
  if (typeof cluster.fabric === "object" && cluster.fabric.graph === needed) return "cluster.fabric.graph";
  if (workloads !== undefined) return "workloads";
  if (workload?.kind === "traffic") return "workload.trace";
  if (workload?.kind === "collective") return "workload.calibration";
  if (workload?.kind === "serving") return servingKeyOf(scenario, needed);
  return workload?.kind === "training" && workload.model === needed ? "workload.model" : "workload.lengths.file";
}

/** The nearest key of a serving scenario that names the file, searched as written. */
function servingKeyOf({ workload, serving }: Scenario, needed: string): string {
  const find = (value: unknown, path: string): string | undefined => {
    if (value === needed) return path;
    if (typeof value !== "object" || value === null) return undefined;
    for (const [key, below] of Object.entries(value)) {
      const found = find(below, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return find(workload, "workload") ?? find(serving, "serving") ?? "workload.requests";
}
