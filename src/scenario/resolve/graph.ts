/** `cluster.fabric.graph: FILE` read: what stands in the file takes the place of its path. */

import { ProblemError } from "../../base/problem.ts";
import { readCustomGraph } from "../../network/index.ts";
import type { Scenario } from "../schema/parse.ts";
import { inOrder, locate } from "../schema/problems.ts";
import { readSource } from "../schema/source.ts";
import type { Files } from "./model.ts";

/** The path, where the fabric names one. */
export function graphPath({ cluster: { fabric } }: Scenario): string | undefined {
  const graph = typeof fabric === "object" ? fabric.graph : undefined;
  return typeof graph === "string" ? graph : undefined;
}

/** @throws ProblemError where the file is not there or cannot be read as YAML or JSON. */
export function withGraph(scenario: Scenario, files: Files): Scenario {
  const path = graphPath(scenario);
  const { fabric } = scenario.cluster;
  if (path === undefined || typeof fabric !== "object") return scenario;
  const text = files[path];
  if (text === undefined) {
    const problem = { path: "cluster.fabric.graph", message: `the text of ${path} was not passed in` };
    throw new ProblemError([locate(problem, scenario.places)]);
  }
  const { value, problems, places } = readSource(text, path);
  if (problems.length > 0) throw new ProblemError(problems);
  const read = readCustomGraph(value);
  if ("problems" in read) throw new ProblemError(inOrder(read.problems.map((problem) => locate(problem, places))));
  return { ...scenario, cluster: { ...scenario.cluster, fabric: { ...fabric, graph: value } } };
}
