/** Where the scenarios of several options say different things, field by field. */

import { stringify } from "yaml";
import type { Difference } from "../../report/index.ts";
import { isObject, runs } from "../../scenario/index.ts";

type Loose = Readonly<Record<string, unknown>>;

/** Fields of the first, then what only later ones have. Names are left out; an option without a scenario writes nothing. */
export function differencesOf(scenarios: readonly (Loose | undefined)[]): readonly Difference[] {
  const written = scenarios.filter((each) => each !== undefined);
  return pathsOf(written)
    .filter((path) => path !== "name")
    .map((path) => ({ path, values: scenarios.map((each) => (each === undefined ? null : textOf(at(each, path)))) }))
    .filter(({ values }) => {
      const [first, ...others] = values.filter((_, index) => scenarios[index] !== undefined);
      return others.some((value) => value !== first);
    });
}

/** What holds a value in any of them: a list is one, and so is an object where another has a name or a number. */
function pathsOf(objects: readonly Loose[], above = ""): readonly string[] {
  const keys = [...new Set(objects.flatMap((each) => Object.keys(each)))];
  return keys.flatMap((key) => {
    const path = above === "" ? key : `${above}.${key}`;
    const values = objects.flatMap((each) => (each[key] === undefined ? [] : [each[key]]));
    const inner = values.filter((value) => isObject(value));
    return inner.length === values.length ? pathsOf(inner, path) : [path];
  });
}

function at(scenario: Loose, path: string): unknown {
  return path.split(".").reduce<unknown>((found, key) => (isObject(found) ? found[key] : undefined), scenario);
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  if (Array.isArray(value) && value.every((each) => typeof each === "number")) return runs(value);
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
}
