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

  it("completes a record that a person wrote: the first value is primary, the use is to judge", () => {
    const record = {
      windtunnel: 1,
      id: "mine",
      name: "mine",
      kind: "training-step",
      source: { title: "our cluster" },
      cluster: { node: "hgx-h100", nodes: 1 },
      workload: { kind: "training" },
      measured: [
        { metric: "stepTime", value: "6.5 s" },
        { metric: "tokensPerSecond", value: "10 tokens/s" },
      ],
    };
    const [read] = parseRecords(JSON.stringify([record]));
    expect(read?.measured.map(({ primary }) => primary)).toEqual([true, false]);
    expect(read).toMatchObject({ use: "judge", inferred: [], assumptions: [] });
  });

  it("refuses text that is not a list", () => {
    expect(problemsOf("{}")).toEqual(["x.json"]);
    expect(problemsOf("nope")).toEqual(["x.json"]);
  });
});
