/** Problems for people: place, path, what is wrong; what to try below. */

import type { Problem } from "../../../src/base/problem.ts";
import type { View } from "../view.ts";

/** One line a problem: `scenario.yaml:3:9 cluster.node: unknown node "hgx-h10"; did you mean "hgx-h100"?` */
export function renderProblems(problems: readonly Problem[], view: View): string {
  const lines = problems.map((problem) => {
    const { location, path, message, hint } = problem;
    const file = location?.file === undefined ? "" : `${location.file}:`;
    const place = location === undefined ? "" : `${view.dim(`${file}${location.line}:${location.column}`)} `;
    const subject = path === "" ? "" : `${view.bold(path)}: `;
    return `${place}${subject}${message}${hint === undefined ? "" : `; ${hint}`}`;
  });
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return `${view.bad("error")}: ${count}\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}
