/** A log of any kind that specifications ask for. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import {
  hasSteps,
  isNcclResult,
  measuredFromLog,
  type NcclRun,
  readNcclLog,
  servingMeasuredFromFile,
} from "../../evidence/index.ts";
import type { Specification } from "../specification.ts";
import { readFio } from "./fio.ts";
import { readNvbandwidth } from "./nvbandwidth.ts";
import { readProducts } from "./products.ts";
import { objectIn, type Reading } from "./reading.ts";
import { readStream } from "./stream.ts";

export interface ReadLog {
  readonly readings: readonly Reading[];
  /** What could not be read, with the reason. */
  readonly left: readonly Problem[];
}

/** Never throws for what a log holds: what is not understood is left, with the reason. */
export function readLogFor(specification: Specification, text: string, file: string): ReadLog {
  try {
    return readAny(specification, text, file);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { readings: [], left: error.problems.map((problem) => located(problem, file)) };
  }
}

function readAny(specification: Specification, text: string, file: string): ReadLog {
  const one = readFio(text, file) ?? readStream(text, file);
  if (one !== undefined) return { readings: [one], left: [] };
  const several = readProducts(text, file) ?? readNvbandwidth(text, file);
  if (several !== undefined) return { readings: several, left: [] };
  if (isNcclResult(text)) return collectiveLog(text, file);
  if (objectIn(text) !== undefined && text.trimStart().startsWith("{")) {
    return { readings: [servingReading(text, file)], left: [] };
  }
  if (looksCollective(text)) return collectiveLog(text, file);
  return { readings: [stepReading(specification, text, file)], left: [] };
}

function collectiveLog(text: string, file: string): ReadLog {
  const { runs, left } = readNcclLog(text, file);
  return { readings: runs.map(collectiveReading), left };
}

/** Rows of nccl-tests begin with a size, a count and a type. */
function looksCollective(text: string): boolean {
  return /nccl-tests|rccl-tests|_perf\b|^#?\s*size\s+count\s+type/m.test(text);
}

function collectiveReading({ file, program, ranks, nodes, hostsNamed, points, assumptions }: NcclRun): Reading {
  const over = nodes ?? (hostsNamed > 0 ? hostsNamed : undefined);
  return {
    kind: "collective",
    file,
    about: { program: program.name, ranks, ...(over === undefined ? {} : { nodes: over }) },
    values: points.map(({ size, busBandwidth, wrong }) => ({
      metric: "busBandwidth",
      size,
      value: busBandwidth,
      ...(wrong > 0 ? { fault: `${wrong} elements came out wrong` } : {}),
    })),
    notes: assumptions.map(({ what, taken, reason }) => `${what}: ${taken} is taken (${reason})`),
  };
}

function servingReading(text: string, file: string): Reading {
  const { values, tokens, from, notes } = servingMeasuredFromFile(text, file);
  const counted = Object.entries(tokens).filter((each): each is [string, number] => each[1] !== undefined);
  return {
    kind: "serving",
    file,
    about: Object.fromEntries(counted),
    values: Object.entries(values).map(([metric, value]) => ({ metric, value })),
    notes: [...(from === undefined ? [] : [`written by ${from.program}`]), ...notes],
  };
}

/** Steps of a training log, of the batch that the specification has; rates are turned into a time of that batch. */
function stepReading({ tests }: Specification, text: string, file: string): Reading {
  const asked = tests.find(({ kind }) => kind === "training-step")?.match;
  if (asked === undefined) {
    const message = `${file} is no log of a test that this specification has`;
    throw new ProblemError([{ path: "files", message, hint: "logs of its commands are read, as they were printed" }]);
  }
  const { globalBatch, sequenceLength, accelerators } = asked;
  if (!hasSteps(text)) {
    const message = `${file} is none of the logs that are read`;
    const hint =
      "as printed by nccl-tests (or -J), nvbandwidth (or -j), fio (JSON), BabelStream, the GEMM script, a training job or a serving benchmark";
    throw new ProblemError([{ path: "files", message, hint }]);
  }
  const { values, log, notes } = measuredFromLog(text, file, Number(globalBatch));
  const tokens = Number(globalBatch) * Number(sequenceLength);
  const whole =
    values.tokensPerSecond?.value ?? (values.tokensPerSecondPerAccelerator?.value ?? 0) * Number(accelerators);
  const stepTime = values.stepTime?.value ?? (whole > 0 ? tokens / whole : undefined);
  if (stepTime === undefined) {
    throw new ProblemError([
      { path: "files", message: `${file} says nothing of the time of a step`, hint: "keep the step lines" },
    ]);
  }
  return {
    kind: "training-step",
    file,
    about: { globalBatch: Number(globalBatch) },
    values: [{ metric: "stepTime", value: stepTime }],
    notes: [...(log === undefined ? [] : [`${log.format}, ${log.steps.used} steps`]), ...notes],
  };
}

function located(problem: Problem, file: string): Problem {
  return problem.location === undefined ? { ...problem, location: { file, line: 1, column: 1 } } : problem;
}
