import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { parseRecords } from "./parse.ts";

function problemsOf(text: string): readonly string[] {
  try {
    parseRecords(text, "x.json");
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe("parseRecords", () => {
  it("collects every problem with its place", () => {
    const record = { id: "r", kind: "training-step", use: "tune", measured: [], quote: "q".repeat(201), colour: 1 };
    const paths = problemsOf(JSON.stringify([record, 3]));
    expect(paths).toContain("x.json[0] (r).use");
    expect(paths).toContain("x.json[0] (r).measured");
    expect(paths).toContain("x.json[0] (r).quote");
    expect(paths).toContain("x.json[0] (r).colour");
    expect(paths).toContain("x.json[1]");
  });

  it("refuses text that is not a list", () => {
    expect(problemsOf("{}")).toEqual(["x.json"]);
    expect(problemsOf("nope")).toEqual(["x.json"]);
  });
});
