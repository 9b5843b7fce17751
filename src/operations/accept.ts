/** `accept`: logs of collective tests against the machines of a scenario. */

import { z } from "zod";
import { type Problem, ProblemError } from "../base/problem.ts";
import { parseRatio } from "../base/quantity.ts";
import { type Acceptance, accept, type NcclLog, readNcclLog } from "../evidence/index.ts";
import { type LogInput, logFields, runOptions } from "./nccl-log.ts";
import { field, type Operation } from "./operation.ts";
import { readScenario, scenarioField } from "./scenario-input.ts";

export interface AcceptInput extends LogInput {
  readonly scenario: string;
  readonly files: readonly string[];
  readonly tolerance?: string;
}

export type AcceptOutput = Acceptance;

export const acceptOperation: Operation<AcceptInput, AcceptOutput> = {
  name: "accept",
  summary: "Judge logs of nccl-tests by a scenario's machines: pass or fail by size, and what a shortfall looks like.",
  input: z.strictObject({
    scenario: scenarioField,
    files: field(z.array(z.string().min(1)).min(1), {
      description: "logs of nccl-tests or rccl-tests, as they were printed or pasted",
      as: "arguments",
    }),
    tolerance: field(z.string().min(1).exactOptional(), {
      description:
        "part of the predicted bus bandwidth that may be missing; without it the interval of the prediction decides",
      value: "SHARE",
    }),
    ...logFields,
  }),
  examples: [
    {
      command: "windtunnel accept cluster.yaml all-reduce.log",
      does: "each size passes or fails; exit 2 when one fails",
    },
    {
      command: "windtunnel accept cluster.yaml one-node.log pair-*.log",
      does: "all together: what passes clears suspects",
    },
    { command: "windtunnel accept cluster.yaml run.log --tolerance 10%", does: "a threshold of your own" },
  ],
  infeasible: ({ pass }) => !pass,
  async run({ scenario, files, tolerance, ...given }, host) {
    const share = tolerance === undefined ? undefined : toleranceOf(tolerance);
    const options = runOptions(given);
    const input = await readScenario(scenario, host);
    const logs: NcclLog[] = [];
    const problems: Problem[] = [];
    for (const file of files) {
      try {
        logs.push(readNcclLog(await host.read(file), file === "-" ? "stdin" : file, options));
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        problems.push(...error.problems);
      }
    }
    if (problems.length > 0) throw new ProblemError(problems);
    return accept(input, logs, {
      ...(share === undefined ? {} : { tolerance: share }),
      ...(given.nodes === undefined ? {} : { nodes: given.nodes }),
    });
  },
};

function toleranceOf(text: string): number {
  const parsed = parseRatio(text);
  if (parsed.ok && parsed.value < 1) return parsed.value;
  const message = parsed.ok ? `"${text}" leaves nothing to measure` : parsed.message;
  throw new ProblemError([{ path: "--tolerance", message, hint: "e.g. --tolerance 10%" }]);
}
