/** `spec`: what to order and how to accept it, from a scenario. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { type Specification, specificationMarkdown, specificationOf } from "../specification/index.ts";
import { field, type Operation } from "./operation.ts";
import { readScenario, scenarioField } from "./scenario-input.ts";

export interface SpecInput {
  readonly scenario: string;
  readonly output?: string;
}

export interface SpecOutput {
  readonly specification: Specification;
  /** The file it was written to. */
  readonly output?: string;
}

export const specOperation: Operation<SpecInput, SpecOutput> = {
  name: "spec",
  summary: "Write what to order and how to accept it: figures, tests with their commands, and thresholds.",
  input: z.strictObject({
    scenario: scenarioField,
    output: field(z.string().min(1).exactOptional(), {
      description: "write the specification: .json, which accept reads, or .md for people",
      short: "o",
      value: "FILE",
    }),
  }),
  examples: [
    { command: "windtunnel spec scenario.yaml", does: "the specification for people" },
    { command: "windtunnel spec scenario.yaml -o spec.json", does: "the contract that accept checks logs against" },
    { command: "windtunnel spec scenario.yaml -o spec.md", does: "the same, to hand round" },
  ],
  document: ({ specification }) => specification,
  async run({ scenario, output }, host) {
    if (output !== undefined && !/\.(json|md)$/.test(output)) {
      const message = `"${output}" ends neither in .json nor in .md`;
      throw new ProblemError([{ path: "--output", message, hint: "e.g. -o spec.json" }]);
    }
    const specification = specificationOf(await readScenario(scenario, host));
    if (output === undefined) return { specification };
    const json = `${JSON.stringify(specification, null, 2)}\n`;
    await host.replace(output, output.endsWith(".json") ? json : specificationMarkdown(specification));
    host.progress(`specification written to ${output}`);
    return { specification, output };
  },
};
