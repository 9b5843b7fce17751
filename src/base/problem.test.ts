import { expect, it } from "vitest";
import { formatProblem, formatProblems, type Problem, ProblemError, problemCollector } from "./problem.ts";

const node: Problem = {
  path: "cluster.node",
  message: 'unknown node "hgx-h10"',
  hint: 'did you mean "hgx-h100"?',
  location: { file: "scenario.yaml", line: 3, column: 9 },
};

it("formats place, path, message and hint on one line", () => {
  expect(formatProblem(node)).toBe('scenario.yaml:3:9 cluster.node: unknown node "hgx-h10"; did you mean "hgx-h100"?');
  expect(formatProblem({ path: "", message: "the file is empty" })).toBe("the file is empty");
  expect(formatProblem({ path: "a", message: "b", location: { line: 2, column: 1 } })).toBe("line 2:1 a: b");
});

it("reports everything at once, in the order of the file", () => {
  const collector = problemCollector();
  expect(() => collector.throwIfAny()).not.toThrow();
  collector.add({ path: "layout", message: "second" }, node);
  collector.add({ ...node, path: "cluster", location: { file: "scenario.yaml", line: 2, column: 1 } });
  expect(() => collector.throwIfAny()).toThrow(ProblemError);
  const lines = formatProblems(collector.problems).split("\n");
  expect(lines.map((line) => line.slice(0, 17))).toEqual(["scenario.yaml:2:1", "scenario.yaml:3:9", "layout: second"]);
  try {
    collector.throwIfAny();
  } catch (error) {
    expect(error).toMatchObject({ problems: collector.problems, name: "ProblemError" });
  }
});
