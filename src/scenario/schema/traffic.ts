/** `workload: { kind: traffic }`: a pattern of messages, a trace of transfers, or jobs side by side. */

import { z } from "zod";
import { type FlowAlgorithm, type FlowOperation, type GroupShape, trafficPatterns } from "../../network/index.ts";
import { choice, count, expectation, list, quantity, strict, text } from "./fields.ts";

/** Accelerators as written: so many from the first, ranges as text (`0-63, 128-191`), or a row with a stride. */
export type AcceleratorsText =
  | number
  | string
  | { readonly first?: number; readonly count: number; readonly stride?: number };

/** A pattern and its options: of a workload, or of a phase of a job. */
export interface PatternText {
  readonly pattern?: string;
  readonly size?: number;
  readonly groups?: Partial<GroupShape>;
  readonly shift?: number;
  readonly fanIn?: number;
  readonly targets?: number;
  readonly grid?: readonly number[];
  readonly boundary?: "periodic" | "open";
}

export interface PhaseText extends PatternText {
  readonly compute?: number;
  readonly collective?: FlowOperation;
  readonly algorithm?: FlowAlgorithm;
}

export interface JobText {
  readonly name: string;
  readonly accelerators: AcceleratorsText;
  readonly placement?: "packed" | "scattered" | "alternate";
  readonly start?: number;
  readonly rounds?: number;
  readonly phases: readonly PhaseText[];
}

export interface TrafficText extends PatternText {
  readonly kind: "traffic";
  readonly accelerators?: AcceleratorsText;
  readonly rounds?: number;
  readonly overhead?: number;
  readonly trace?: string;
  readonly jobs?: readonly JobText[];
}

/** Rounds of one run. */
const roundsMost = 100_000;

const [firstPattern = "", ...otherPatterns] = trafficPatterns.names;

const place = { atLeast: 0, atMost: 100_000_000 };

const acceleratorsField: z.ZodType<AcceleratorsText> = z
  .union(
    [
      z.int({ error: expectation({ expected: "a count" }) }).min(1),
      text("Ranges such as 0-63, 128-191."),
      strict(() => ({
        first: count("Number of the first, from 0. Default 0.", place).exactOptional(),
        count: count("How many."),
        stride: count("From one to the next. Default 1.").exactOptional(),
      })),
    ],
    {
      error: expectation({
        expected: "accelerators",
        hint: 'a count, ranges such as "0-63, 128-191", or { first, count, stride }',
      }),
    },
  )
  .meta({
    description: 'Accelerators: how many, ranges such as "0-63, 128-191", or { first, count, stride }.',
  }) as unknown as z.ZodType<AcceleratorsText>;

const groups = strict(() => ({
  size: count("Accelerators of one group.").exactOptional(),
  stride: count("Places from one member to the next: 1 for neighbours. Default 1.").exactOptional(),
})).meta({ description: "Groups that do the same side by side. Default one of all." });

const patternFields = {
  pattern: choice([firstPattern, ...otherPatterns], "Who sends to whom.").exactOptional(),
  size: quantity("bytes", "Of one message; of a collective the buffer as nccl-tests counts it.").exactOptional(),
  groups: groups.exactOptional(),
  shift: count("neighbour: how many places after each is the one it sends to. Default 1.").exactOptional(),
  fanIn: count("incast: how many send. Default all but the receiver.").exactOptional(),
  targets: count("checkpoint: how many receive. Default one in eight.").exactOptional(),
  grid: list(
    count("One side."),
    "halo, transpose: sides of the grid, first the one along which numbers are neighbours. Default as near to a cube as possible.",
  ).exactOptional(),
  boundary: choice(
    ["periodic", "open"],
    "halo: whether the last of a row is beside the first. Default periodic.",
  ).exactOptional(),
};

const phase = strict(
  () => ({
    compute: quantity("seconds", "Time without messages.", { atLeast: 0 }).exactOptional(),
    collective: choice(
      ["all-reduce", "all-gather", "reduce-scatter", "all-to-all", "broadcast"],
      "A collective over the accelerators of the job, or of each of its groups.",
    ).exactOptional(),
    algorithm: choice(
      ["ring", "hierarchical", "direct"],
      "How the collective goes. Default: direct for all-to-all, ring for broadcast, else hierarchical.",
    ).exactOptional(),
    ...patternFields,
  }),
  "e.g. { collective: all-reduce, size: 1 GB }",
).meta({ description: "compute, collective or pattern: one of them." });

/** Where accelerators that are counted lie. */
const placementField: z.ZodType<NonNullable<JobText["placement"]>> = choice(
  ["packed", "scattered", "alternate"],
  "Where so many are: the next free nodes, nodes drawn at random, or nodes in turn with the other jobs that alternate. Default packed.",
);

const job = strict(() => ({
  name: text("Name of the job."),
  accelerators: acceleratorsField,
  placement: placementField.exactOptional(),
  start: quantity("seconds", "When it begins. Default 0 s.", { atLeast: 0 }).exactOptional(),
  rounds: count("How often it runs its phases. Default 1.", { atLeast: 1, atMost: roundsMost }).exactOptional(),
  phases: list(phase, "What it does in a round, one after the other."),
})).meta({ description: "A job on accelerators of its own." });

/** The workload of this kind. */
export const trafficWorkload: z.ZodObject = strict(() => ({
  kind: z.literal("traffic"),
  ...patternFields,
  accelerators: acceleratorsField.exactOptional(),
  rounds: count("How often a pattern runs, one round after the other. Default 1.", {
    atLeast: 1,
    atMost: roundsMost,
  }).exactOptional(),
  overhead: quantity("seconds", "Time of the software for each message, beside the network's. Default 0 s.", {
    atLeast: 0,
  }).exactOptional(),
  trace: text(
    "Path to a CSV with columns start (seconds; or start_ms, start_us, start_ns), from, to and bytes, or to lines of JSON with these keys; from the folder of the scenario.",
  ).exactOptional(),
  jobs: list(job, "Jobs side by side, instead of a pattern or a trace.").exactOptional(),
})).meta({
  description: "Messages over the network: a pattern, a trace, or jobs side by side.",
}) as unknown as z.ZodObject;
