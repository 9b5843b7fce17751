/** From zod's issues to problems people can act on: place, what was found, what was expected, what to try. */

import type { z } from "zod";
import type { Problem } from "../../base/problem.ts";
import { suggestion } from "../../base/suggestion.ts";
import type { Expectation } from "./fields.ts";
import { type Places, pathText, placeOf } from "./source.ts";

type Issue = z.core.$ZodIssue;

/** Problems of a value that the schema refused. `written` is the value as it was read. */
export function problemsOf(issues: readonly Issue[], written: unknown, places?: Places): Problem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, [], written)).map((problem) => locate(problem, places));
}

/** Adds the place to a problem that has none. */
export function locate(problem: Problem, places?: Places): Problem {
  if (problem.location !== undefined) return problem;
  const location = placeOf(places, problem.path, problem.message.startsWith("unknown key") ? "key" : "value");
  return location === undefined ? problem : { ...problem, location };
}

/** In the order of the file. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const line = (problem: Problem): number => problem.location?.line ?? 0;
  const column = (problem: Problem): number => problem.location?.column ?? 0;
  return [...problems].sort((a, b) => line(a) - line(b) || column(a) - column(b));
}

function problemsOfIssue(issue: Issue, prefix: readonly PropertyKey[], written: unknown): Problem[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, issue.message));
  if (issue.code === "custom") {
    const hint = issue.params?.hint as string | undefined;
    return [{ path: pathText(path), message: issue.message, ...(hint === undefined ? {} : { hint }) }];
  }
  if (issue.code === "invalid_union") {
    const branch = branchOf(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => problemsOfIssue(inner, path, written));
  }
  return [unexpected(path, valueAt(written, path), decode(issue.message))];
}

/** The one alternative of a union that the value was meant to be: the one whose own type matches. */
function branchOf(errors: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const meant = errors.filter(
    (branch) =>
      !branch.some(
        (issue) => issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value"),
      ),
  );
  return meant.length === 0 ? undefined : meant.reduce((least, next) => (next.length < least.length ? next : least));
}

function unknownKey(path: readonly PropertyKey[], key: string, message: string): Problem {
  const keys = decode(message).keys ?? [];
  const near = suggestion(key, keys);
  const hint = near === undefined ? `known keys: ${keys.join(", ")}` : `did you mean "${near}"?`;
  return { path: pathText([...path, key]), message: `unknown key "${key}"`, hint };
}

function unexpected(path: readonly PropertyKey[], found: unknown, expected: Expectation): Problem {
  // YAML 1.1 read these as booleans, and people still write them.
  const word = /^(true|yes)$/i.test(String(found)) ? "on" : /^(false|no)$/i.test(String(found)) ? "off" : found;
  const near = typeof word === "string" ? suggestion(word, expected.keys ?? []) : undefined;
  const hint = near === undefined ? (expected.hint ?? lineFor(path, found)) : `did you mean "${near}"?`;
  const start = found === undefined ? "missing;" : `found ${describe(found)},`;
  return {
    path: pathText(path),
    message: expected.message ?? `${start} expected ${expected.expected}`,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** What to write for a key that is missing and says nothing better itself. */
function lineFor(path: readonly PropertyKey[], found: unknown): string | undefined {
  const key = path.at(-1);
  return found === undefined && typeof key === "string" ? `write ${key}: and its value` : undefined;
}

function decode(message: string): Expectation {
  // Messages of our own schemas are encoded expectations; zod's own are kept as they are.
  if (!message.startsWith("{")) return { expected: message.replace(/^Invalid input: expected /, "") };
  return JSON.parse(message) as Expectation;
}

/** A value in a sentence. */
export function describe(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") {
    const line = value.replace(/\p{Cc}+/gu, " ");
    return `"${line.length > 60 ? `${line.slice(0, 57)}…` : line}"`;
  }
  if (typeof value === "number") return Number.isFinite(value) ? `the number ${value}` : String(value);
  return String(value);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const part of path) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<PropertyKey, unknown>)[part];
  }
  return here;
}
