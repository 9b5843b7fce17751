/** Which design of experiment a study asks for, from its file and from the command. */

import { ProblemError } from "../../base/problem.ts";
import { locate, type SamplingText, type StudySource } from "../../scenario/index.ts";
import type { Sampling } from "./sample.ts";

/** What the command says over the file. */
export interface SamplingChoice {
  readonly points?: number;
  readonly seed?: number;
}

/**
 * A number of points asks for a Latin hypercube where nothing else is said.
 * @throws ProblemError where points are missing, or given to a grid in the file.
 */
export function samplingOf(study: StudySource, choice: SamplingChoice): Sampling {
  const { sampling } = study;
  const text: SamplingText = typeof sampling === "string" ? { method: sampling } : (sampling ?? {});
  const points = choice.points ?? text.points;
  const seed = choice.seed ?? text.seed ?? 0;
  const method = text.method ?? (points === undefined ? "grid" : "latin-hypercube");
  const fail = (path: string, message: string, hint: string): never => {
    throw new ProblemError([locate({ path, message, hint }, study.places)]);
  };
  if (method === "grid") {
    if (text.points !== undefined)
      fail("sampling.points", "a grid has the points it has", "remove points, or write method: random");
    return choice.points === undefined
      ? { method, points: 0, seed }
      : { method: "latin-hypercube", points: choice.points, seed };
  }
  if (points === undefined)
    fail("sampling", `${method} needs a number of points`, "e.g. points: 1000, or --points 1000");
  if (method === "evolutionary" && (study.objective ?? []).length === 0)
    fail("sampling", "an evolutionary search needs an objective", "e.g. objective: [{ minimize: cost }]");
  return { method, points: points ?? 0, seed };
}
