/** Where the scenarios of several options say different things, field by field. */

import type { Difference } from "../../report/index.ts";
import { fieldChanges } from "../field-changes.ts";

type Loose = Readonly<Record<string, unknown>>;

/** Fields of the first, then what only later ones have. Names are left out; an option without a scenario writes nothing. */
export function differencesOf(scenarios: readonly (Loose | undefined)[]): readonly Difference[] {
  const [first, ...others] = scenarios.filter((each) => each !== undefined);
  const paths = new Set(others.flatMap((other) => fieldChanges(first, other).map(({ path }) => path)));
  paths.delete("name");
  return [...paths].map((path) => ({
    path,
    values: scenarios.map((scenario) => (scenario === undefined ? null : written(scenario, path))),
  }));
}

/** What stands at a path, as text. */
function written(scenario: Loose, path: string): string | null {
  const keys = path.split(/\.|\[(\d+)\]/).filter((key) => key !== undefined && key !== "");
  const value = keys.reduce<unknown>(
    (found, key) => (typeof found === "object" && found !== null ? (found as Loose)[key] : undefined),
    scenario,
  );
  if (value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
