/**
 * From a sheet to a scenario: keys in the order of the language, held against the language's own checks, whose problems
 * come back on the lines of the launch file.
 */

import { Document, isSeq, visit } from "yaml";
import { type Problem, ProblemError } from "../base/problem.ts";
import { type Design, type Files, resolve, scenarioFromValue } from "../scenario/index.ts";
import type { LaunchFormat } from "./format.ts";
import type { Sheet } from "./sheet.ts";
import { place } from "./stack.ts";

/** Sections and keys in the order in which people write them. */
const order = ["windtunnel", "name", "cluster", "workload", "layout", "serving", "software"] as const;
const keys: Readonly<Record<string, readonly string[]>> = {
  cluster: ["node", "nodes"],
  workload: ["kind", "model", "requests", "sequenceLength", "globalBatch", "tokens", "precision"],
  layout: [
    "tensor",
    "sequenceParallel",
    "context",
    "pipeline",
    "virtualStages",
    "schedule",
    "data",
    "expert",
    "expertTensor",
    "microBatch",
  ],
  serving: ["engine", "replicas", "tensor", "pipeline", "expert", "attentionData"],
};

/** The scenario as a plain value. */
export function scenarioValue(
  sheet: Sheet,
  name: string,
  kind: LaunchFormat["kind"],
): Readonly<Record<string, unknown>> {
  const value: Record<string, unknown> = { windtunnel: 1, name, workload: { kind } };
  for (const [key, found] of sheet.values) place(value, key.split("."), found);
  return ordered(value, order, (key, section) => {
    const wanted = keys[key];
    return wanted === undefined || !isSection(section) ? section : ordered(section, wanted, (_, below) => below);
  });
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function ordered(
  value: Readonly<Record<string, unknown>>,
  first: readonly string[],
  each: (key: string, value: unknown) => unknown,
): Record<string, unknown> {
  const rest = Object.keys(value).filter((key) => !first.includes(key));
  const present = [...first.filter((key) => value[key] !== undefined), ...rest];
  return Object.fromEntries(present.map((key) => [key, each(key, value[key])]));
}

/** Degrees that say nothing for this model, and what a program switches off by itself. */
export function tidy(sheet: Sheet, experts: "experts" | "none"): void {
  const { values } = sheet;
  if (experts === "none") {
    for (const key of ["layout.expert", "layout.expertTensor", "software.overlap.expert"]) {
      if (values.get(key) !== 1 && values.get(key) !== "off") continue;
      values.delete(key);
      const index = sheet.assumptions.findIndex(({ path }) => path === key);
      if (index >= 0) sheet.assumptions.splice(index, 1);
    }
  }
  const exchange = "software.contextExchange";
  if (values.get("layout.context") === 1 && !sheet.origins.has(exchange)) {
    values.delete(exchange);
    const index = sheet.assumptions.findIndex(({ path }) => path === exchange);
    if (index >= 0) sheet.assumptions.splice(index, 1);
  }
  if (values.get("layout.tensor") === 1 && values.get("layout.sequenceParallel") === "on") {
    values.set("layout.sequenceParallel", "off");
    sheet.assumptions.push({
      path: "layout.sequenceParallel",
      value: "off",
      reason: `asked for, but with tensor 1 ${sheet.program} switches it off`,
    });
  }
}

/** Longer lists are written in one line. */
const listMost = 8;

/** The scenario as people keep it. */
export function scenarioText(value: Readonly<Record<string, unknown>>): string {
  const document = new Document(value);
  // Captured batch sizes would fill a page.
  visit(document, {
    Seq: (_, node) => {
      if (isSeq(node) && node.items.length > listMost) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

/** The design of the scenario; problems of the language are added to the sheet on the lines that caused them. */
export function checked(sheet: Sheet, value: Readonly<Record<string, unknown>>, files: Files): Design | undefined {
  try {
    return resolve(scenarioFromValue(value), files);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    sheet.problems.push(...error.problems.map((problem) => located(sheet, problem)));
    return undefined;
  }
}

function located(sheet: Sheet, problem: Problem): Problem {
  for (let path = problem.path; path !== ""; path = path.replace(/(^|\.)[^.]*$/, "")) {
    const origin = sheet.origins.get(path.replace(/\[\d+\]$/, ""));
    if (origin === undefined) continue;
    const location = { file: sheet.file, line: origin.line, column: 1 };
    return { ...problem, message: `${problem.message} (from ${origin.name})`, location };
  }
  return { ...problem, location: { file: sheet.file, line: 1, column: 1 } };
}
