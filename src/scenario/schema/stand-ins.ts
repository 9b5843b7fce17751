/**
 * A scenario that lacks required keys can still be looked up: numbers that divide by anything stand in for what is
 * missing, so that what else is wrong with it is said at once.
 */

import { ProblemError } from "../../base/problem.ts";
import { type ParseOptions, type Scenario, scenarioFromSource } from "./parse.ts";
import { readSource } from "./source.ts";

/** Keys that can be stood in for, with numbers that have many divisors. */
const standIns: Readonly<Record<string, unknown>> = {
  name: "unnamed",
  "workload.globalBatch": 2 ** 16 * 3 ** 2 * 5 * 7,
  "workload.sequenceLength": 2 ** 12 * 3 ** 2 * 5 * 7,
  "cluster.nodes": 2 ** 6 * 3 * 5 * 7,
};

/** What the number of nodes decides beside its own section: whether the degrees multiply to it, and what data follows. */
const decidedByNodes = ["cluster", "layout", "layout.data", "workload.globalBatch"];

export interface StoodIn {
  readonly scenario: Scenario;
  /** Whether a problem at a path could come from a stand-in alone. */
  readonly isDoubtful: (path: string) => boolean;
}

/** The scenario of a text whose only mistakes are missing keys that can be stood in for; else undefined. */
export function withStandIns(
  text: string,
  { problems }: ProblemError,
  options: ParseOptions = {},
): StoodIn | undefined {
  const missing = problems.map(({ path }) => path);
  const replaceable = problems.every(({ path, message }) => path in standIns && message.startsWith("missing"));
  if (!replaceable) return undefined;
  const source = readSource(text, options.file);
  try {
    const scenario = scenarioFromSource(missing.reduce(placed, source.value), source.places);
    return {
      scenario,
      isDoubtful: (path) =>
        missing.includes(path) ||
        (missing.includes("cluster.nodes") && (decidedByNodes.includes(path) || path.startsWith("cluster."))),
    };
  } catch (error) {
    if (error instanceof ProblemError) {
      return undefined;
    }
    throw error;
  }
}

/** The value with the stand-in of one key of it or of one of its sections. */
function placed(value: unknown, path: string): unknown {
  const [section, key] = path.split(".") as [string, string | undefined];
  const whole = value as Readonly<Record<string, unknown>>;
  if (key === undefined) return { ...whole, [section]: standIns[path] };
  return { ...whole, [section]: { ...(whole[section] as object), [key]: standIns[path] } };
}
