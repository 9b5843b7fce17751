/** `accept`: logs against a specification, or logs of collective tests against the machines of a scenario. */

import { z } from "zod";
import { type Problem, ProblemError } from "../base/problem.ts";
import { parseRatio } from "../base/quantity.ts";
import { type Acceptance, accept, type NcclLog, readNcclLog } from "../evidence/index.ts";
import {
  isSpecification,
  judgeSpecification,
  readLogFor,
  readSpecification,
  type SpecificationVerdict,
} from "../specification/index.ts";
import type { Host } from "./host.ts";
import { type LogInput, logFields, runOptions } from "./nccl-log.ts";
import { field, type Operation } from "./operation.ts";
import { readScenario } from "./scenario-input.ts";

export interface AcceptInput extends LogInput {
  readonly scenario: string;
  readonly files: readonly string[];
  readonly tolerance?: string;
}

/** Of a scenario, or of a specification, which has `tests`. */
export type AcceptOutput = Acceptance | SpecificationVerdict;

export const acceptOperation: Operation<AcceptInput, AcceptOutput> = {
  name: "accept",
  summary: "Judge logs by a specification, or logs of nccl-tests by a scenario's machines: pass or fail, by how much.",
  input: z.strictObject({
    scenario: field(z.string().min(1), {
      description: "scenario file, or a specification that spec wrote as JSON",
      as: "argument",
    }),
    files: field(z.array(z.string().min(1)).min(1), {
      description:
        "logs of nccl-tests or rccl-tests, as they were printed or pasted; of a specification any of its tests",
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
    { command: "windtunnel accept spec.json logs/*", does: "every test of a specification: passed, failed or missing" },
    { command: "windtunnel accept cluster.yaml run.log --tolerance 10%", does: "a threshold of your own" },
  ],
  infeasible: ({ pass }) => !pass,
  async run({ scenario, files, tolerance, ...given }, host) {
    const content = scenario === "-" ? "" : await host.read(scenario);
    if (isSpecification(content)) {
      refuseOptions({ tolerance, ...given });
      return judgeSpecification(
        readSpecification(content, scenario),
        await readLogs(content, { scenario, files }, host),
      );
    }
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

/** All logs, each read or left with a reason. Rejects with every file that cannot be opened. */
async function readLogs(
  content: string,
  { scenario, files }: { readonly scenario: string; readonly files: readonly string[] },
  host: Host,
): Promise<ReturnType<typeof readLogFor>[]> {
  const specification = readSpecification(content, scenario);
  const problems: Problem[] = [];
  const logs: ReturnType<typeof readLogFor>[] = [];
  for (const file of files) {
    try {
      logs.push(readLogFor(specification, await host.read(file), file === "-" ? "stdin" : file));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return logs;
}

/** A specification says itself what passes and what its tests are. */
function refuseOptions(given: Readonly<Record<string, unknown>>): void {
  const problems = Object.entries(given).flatMap(([name, value]): Problem[] =>
    value === undefined
      ? []
      : [{ path: `--${name}`, message: "belongs to a scenario; a specification says it itself", hint: "leave it out" }],
  );
  if (problems.length > 0) throw new ProblemError(problems);
}

function toleranceOf(text: string): number {
  const parsed = parseRatio(text);
  if (parsed.ok && parsed.value < 1) return parsed.value;
  const message = parsed.ok ? `"${text}" leaves nothing to measure` : parsed.message;
  throw new ProblemError([{ path: "--tolerance", message, hint: "e.g. --tolerance 10%" }]);
}
