/** The field of a serving scenario that is written `auto`, and the scenario with a value in its place. */

import { type Problem, ProblemError } from "../base/problem.ts";
import type { Scenario } from "../scenario/index.ts";

/** Where the field stands, as keys from the top. */
export interface CapacityField {
  readonly quantity: "rate" | "replicas";
  readonly path: readonly string[];
}

/** @throws ProblemError unless one field, and one that can be searched for, is `auto`. */
export function autoFieldOf(scenario: Scenario): CapacityField {
  if (scenario.vary !== undefined) {
    const hint = "windtunnel sweep runs it; what is auto is searched in every point";
    throw new ProblemError([
      { path: "vary", message: "this makes a study of many scenarios, and one is searched", hint },
    ]);
  }
  if (scenario.workload?.kind === "training") {
    const hint = "layout: auto, or a key of it, e.g. pipeline: auto; a list of values is a choice too";
    throw new ProblemError([{ path: "layout", message: "nothing is open: every degree is written", hint }]);
  }
  if (scenario.workload?.kind !== "serving") {
    throw new ProblemError([
      {
        path: "workload.kind",
        message: "capacity is a question of serving",
        hint: "kind: serving with requests.rate: auto, or serving.replicas: auto",
      },
    ]);
  }
  const found = autoFields(scenario);
  const [first, ...others] = found;
  if (first === undefined) {
    const hint = "workload.requests.rate: auto (largest rate), or serving.replicas: auto (fewest replicas)";
    throw new ProblemError([{ path: "workload.requests.rate", message: "no field is auto", hint }]);
  }
  if (others.length > 0) {
    throw new ProblemError(
      others.map(({ path }): Problem => {
        return {
          path: path.join("."),
          message: `a second field is auto beside ${first.path.join(".")}`,
          hint: "one at a time",
        };
      }),
    );
  }
  return first;
}

/** Whether any is. */
export function hasAutoField(scenario: Scenario): boolean {
  return scenario.workload?.kind === "serving" && autoFields(scenario).length > 0;
}

function autoFields({ workload, serving }: Scenario): readonly CapacityField[] {
  const requests = (workload as { readonly requests?: { readonly rate?: { readonly auto?: true } } }).requests;
  const fields: CapacityField[] = [];
  if (requests?.rate?.auto === true) fields.push({ quantity: "rate", path: ["workload", "requests", "rate"] });
  if (serving?.replicas === "auto") fields.push({ quantity: "replicas", path: ["serving", "replicas"] });
  for (const [name, pool] of Object.entries(serving?.pools ?? {})) {
    if (pool.replicas === "auto") fields.push({ quantity: "replicas", path: ["serving", "pools", name, "replicas"] });
  }
  return fields;
}

/** The scenario with a value at the field; undefined leaves the field out. */
export function withField(scenario: Scenario, { quantity, path }: CapacityField, value: number | undefined): Scenario {
  const written = quantity === "rate" && value !== undefined ? { perSecond: value } : value;
  return replaced(scenario, path, written) as Scenario;
}

function replaced(value: unknown, path: readonly string[], written: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return written;
  const { [key]: old, ...others } = value as Readonly<Record<string, unknown>>;
  const below = replaced(old, rest, written);
  return below === undefined ? others : { ...others, [key]: below };
}
