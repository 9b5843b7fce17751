/**
 * A serving design as the launch of an engine. What is lost is not declared but found: the text is imported again and
 * every value that differs is listed, so that what is not listed is known to come back.
 */

import { type Problem, ProblemError } from "../base/problem.ts";
import { models } from "../catalog/index.ts";
import type { DesignOf, ServingDesign } from "../scenario/index.ts";
import { comparableServing } from "./export/serving/comparable.ts";
import { sglangTarget } from "./export/serving/sglang.ts";
import type { ServingTarget } from "./export/serving/target.ts";
import { tensorrtTarget } from "./export/serving/tensorrt-llm.ts";
import { vllmTarget } from "./export/serving/vllm.ts";
import type { LaunchExport, Lost } from "./export.ts";
import { importLaunch } from "./import.ts";

/** Targets; to add one, add a file and a line here. */
export const servingTargets: readonly ServingTarget[] = Object.freeze([vllmTarget, sglangTarget, tensorrtTarget]);

/** Why values are lost wherever a design is written to. */
const everywhere: ServingTarget["reasons"] = [
  { path: /^workload\.requests/, reason: "benchmarks send requests of one kind, at one rate or so many at once" },
  { path: /^workload\.sampling/, reason: "what clients send, not how an engine is started" },
  { path: /^workload\.slo/, reason: "what is wanted, not how an engine is started" },
  { path: /^seed/, reason: "draws of this scenario" },
  {
    path: /^serving\.(router|admission|autoscaler)/,
    reason: "what stands before the engines, not an argument of theirs",
  },
  {
    path: /^serving\.(pools|disaggregation)/,
    reason: "one command starts engines of one kind: the first pool is written",
  },
  { path: /^serving\.cache/, reason: "tiers are written by hand" },
  { path: /^serving\.failures/, reason: "what happens to machines, not how they are started" },
  { path: /^serving\.engine\.(host|steps)/, reason: "what was measured of the machines" },
  {
    path: /^serving\.engine\.(name|version)/,
    reason: "these settings start another engine: what no word says is as that one has it",
  },
  { path: /./, reason: "no argument says it" },
];

/**
 * The launch of a design.
 * @throws ProblemError for a model that the catalog has no name for.
 */
export function exportServing(target: ServingTarget, { serving }: DesignOf<"serving">): LaunchExport {
  const [pool] = serving.pools;
  if (pool === undefined) throw new Error("a design without a pool");
  if (models.find(serving.model.name) === undefined) {
    const message = `a command names its model, and the catalog has no name for ${serving.model.name}`;
    throw new ProblemError([{ path: "workload.model", message, hint: "name a model of the catalog" }]);
  }
  const text = target.write(serving, pool);
  const again = readBack(target, text, serving);
  const reasonOf = (path: string): string =>
    [...target.reasons, ...everywhere].find((each) => each.path.test(path))?.reason ?? "";
  const lost =
    again instanceof ProblemError
      ? again.problems.map((problem) => refused(serving, problem))
      : differences(serving, again).map((found): Lost => ({ ...found, reason: reasonOf(found.path) }));
  return { kind: target.name, text, lost };
}

/** Imports the text with what no launch says: machines, and the version of the engine where it is the same. */
function readBack(target: ServingTarget, text: string, { pools }: ServingDesign): ServingDesign | ProblemError {
  const [pool] = pools;
  const same = pool?.engineName === target.engine;
  try {
    const { design } = importLaunch({
      text,
      file: target.name,
      format: target.name,
      ...(pool === undefined ? {} : { node: pool.cluster.node.name, nodes: pool.cluster.nodes }),
      ...(same ? { software: `${target.engine}@${pool?.engine.version}` } : {}),
    });
    if (design.kind !== "serving") throw new Error("a launch of an engine is read as serving");
    return design.serving;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error;
  }
}

function differences(before: ServingDesign, after: ServingDesign): readonly Omit<Lost, "reason">[] {
  const [old, now] = [comparableServing(before), comparableServing(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((path) => {
    const [value, instead] = [old.get(path), now.get(path)];
    if (JSON.stringify(value) === JSON.stringify(instead)) return [];
    if (path === "workload.model") return [{ path, value: before.model.name, instead: after.model.name }];
    return [{ path, value, instead }];
  });
}

/** What keeps the text from being a scenario by itself. */
function refused(design: ServingDesign, { path, message }: Problem): Lost {
  const value = comparableServing(design).get(path) ?? "as written";
  return { path, value, instead: "nothing that can be read again", reason: message };
}
