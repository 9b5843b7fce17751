/** A specification for people: the Markdown itself, or what was written where. */

import type { SpecOutput } from "../../../src/operations/index.ts";
import { specificationMarkdown } from "../../../src/specification/index.ts";
import { hanging, type View } from "../view.ts";

export function renderSpec({ specification, output }: SpecOutput, view: View): string {
  if (output === undefined) return specificationMarkdown(specification);
  const { tests, requirements, notCovered } = specification;
  const limits = tests.flatMap((test) => test.limits);
  const without = limits.filter(({ threshold }) => threshold === null).length;
  const lines = [
    view.bold(specification.name),
    `${requirements.length} requirements, ${tests.length} tests, ${limits.length} limits, ${without} of them without a threshold`,
    ...(notCovered.length === 0 ? [] : ["Not covered", ...notCovered.map((line) => hanging("  - ", line, view.width))]),
    `written to ${output}`,
  ];
  return `${lines.join("\n")}\n`;
}
