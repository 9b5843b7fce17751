/** No accepted key is ignored: for each there is a scenario whose prediction, bill or cost of owning it changes. */

import { describe, expect, it } from "vitest";
import { clusterCases } from "../../test/keys/cluster.ts";
import { collectiveCases, profileText } from "../../test/keys/collective.ts";
import { layoutCases } from "../../test/keys/layout.ts";
import { reliabilityCases } from "../../test/keys/reliability.ts";
import { otherCases } from "../../test/keys/software.ts";
import { trafficCases } from "../../test/keys/traffic.ts";
import { workloadCases } from "../../test/keys/workload.ts";
import { bases, type Section, type Written } from "../../test/keys/written.ts";
import { ProblemError } from "../base/problem.ts";
import { billLines } from "../economics/index.ts";
import { billOfDesign, jsonSchema, owningOfDesign, predictDesign, resolve, scenarioFromValue } from "./index.ts";

const files = {
  "lengths.txt": "300\n4000\n",
  "profile.json": profileText,
  "flows.csv": "start,from,to,bytes\n0,0,9,1e6\n",
};

/** Everything a prediction says, its words about assumptions left out; with prices, what is bought and owned too. */
function answer(written: Written): string {
  try {
    // A key that a change takes away is undefined, which JSON leaves out.
    const value: unknown = JSON.parse(JSON.stringify({ windtunnel: 1, name: "t", ...written }));
    const design = resolve(scenarioFromValue(value), files);
    const prediction = predictDesign(design);
    const { metrics, terms, fit, points } = prediction;
    if (written.economics === undefined) return JSON.stringify([metrics, terms, fit, points]);
    const bill = billOfDesign(design);
    const owning = owningOfDesign(design, { bill, prediction });
    return JSON.stringify([metrics, terms, fit, points, billLines(bill), owning.perHour]);
  } catch (error) {
    if (error instanceof ProblemError) return `refused: ${error.message}`;
    throw error;
  }
}

/** The base with objects merged into it; what is undefined takes a key away. */
function changed<Value>(base: Value, change: unknown): Value {
  if (typeof change !== "object" || change === null || Array.isArray(change)) return change as Value;
  if (typeof base !== "object" || base === null || Array.isArray(base)) return change as Value;
  const result: Section = { ...(base as Section) };
  for (const [key, value] of Object.entries(change)) result[key] = changed(result[key], value);
  return result as Value;
}

function matters(change: Section, before: Section = {}): boolean {
  return bases.some((base) => {
    const start = answer(changed(base, before));
    const after = answer(changed(base, changed(before, change)));
    return !start.startsWith("refused") && !after.startsWith("refused") && after !== start;
  });
}

const cases = [
  ...clusterCases,
  ...workloadCases,
  ...collectiveCases,
  ...trafficCases,
  ...layoutCases,
  ...otherCases,
  ...reliabilityCases,
];

/** Keys that name things, or that a problem holds to one value. */
const exempt = [
  /\.(extends|name|label|version)$/,
  /^workload\.(kind|model)$/,
  /^layout\.data$/,
  /^cluster\.pools/,
  /^layout\.pools\.(pool|data)$/,
];

/** Dotted paths of all keys of the kinds that are modelled that hold values. */
function valueKeys(): string[] {
  const found = new Set<string>();
  const visit = (node: Section, path: string): void => {
    const branches = [node, ...((node.anyOf ?? []) as Section[]), ...((node.items ? [node.items] : []) as Section[])];
    const below = branches.flatMap((branch) => Object.entries((branch.properties ?? {}) as Record<string, Section>));
    if (below.length === 0) found.add(path);
    for (const [key, field] of below) visit(field, path === "" ? key : `${path}.${key}`);
  };
  const { properties } = jsonSchema() as { readonly properties: Record<string, Section> };
  for (const name of [
    "cluster",
    "layout",
    "software",
    "economics",
    "flopConvention",
    "stragglers",
    "jitter",
    "reliability",
    "storage",
  ])
    visit(properties[name] ?? {}, name);
  for (const workload of (properties.workload?.oneOf ?? []) as Section[]) {
    const kind = (workload.properties as Record<string, Section> | undefined)?.kind?.const;
    if (kind === "training" || kind === "collective" || kind === "traffic") visit(workload, "workload");
  }
  return [...found].filter((path) => !exempt.some((pattern) => pattern.test(path)));
}

describe("every key changes some prediction", () => {
  it.each([...cases])("%s", (_key, change, before) => {
    expect(matters(change, before)).toBe(true);
  });

  it("is tried for each key of the language", () => {
    const tried = new Set(cases.map(([key]) => key.split(" ")[0]));
    expect(valueKeys().filter((key) => !tried.has(key))).toEqual([]);
  });
});
