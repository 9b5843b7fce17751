/** `workload: { kind: collective }`: one collective operation over a group, at one or several sizes. */

import { z } from "zod";
import type { CollectiveOperation } from "../../network/index.ts";
import { choice, count, expectation, list, quantity, ratio, strict, text } from "./fields.ts";

/** Sizes from one to another, each so many times the one before. */
export interface SizeRange {
  readonly from: number;
  readonly to: number;
  readonly factor?: number;
}

/** Which accelerators take part: a regular group, or a list of them. */
export interface GroupText {
  readonly size?: number;
  readonly perNode?: number;
  readonly sharing?: number;
  readonly accelerators?: readonly number[];
}

export interface CollectiveText {
  readonly kind: "collective";
  readonly operation: CollectiveOperation;
  readonly sizes: readonly number[] | SizeRange;
  readonly algorithm?: string;
  readonly group?: GroupText;
  /** Path of a profile that import nccl-tests made. */
  readonly calibration?: string;
}

const collectiveOperations = [
  "all-reduce",
  "all-gather",
  "reduce-scatter",
  "all-to-all",
  "broadcast",
  "send-receive",
] as const satisfies readonly CollectiveOperation[];

const size = quantity("bytes", "Size of the buffer.");

const group = strict({
  size: count("Accelerators that take part. Default all.", { atLeast: 1, atMost: 10_000_000 }).exactOptional(),
  perNode: count("Of them in one node. Default as many as a node has.", {
    atLeast: 1,
    atMost: 100_000,
  }).exactOptional(),
  sharing: count("Groups side by side that use the same ports at the same time. Default 1.", {
    atLeast: 1,
    atMost: 100_000,
  }).exactOptional(),
  accelerators: list(
    count("Number of an accelerator, from 0.", { atLeast: 0, atMost: 100_000_000 }),
    "The very accelerators, in rank order, instead of size and perNode.",
  ).exactOptional(),
}).meta({ description: "Which accelerators take part. Default all, in order." });

/** The workload of this kind. */
export const collectiveWorkload: z.ZodObject = strict({
  kind: z.literal("collective"),
  operation: choice(collectiveOperations, "Collective operation."),
  sizes: z
    .union(
      [
        list(size, "Sizes."),
        strict({
          from: size,
          to: size,
          factor: ratio("Step from one size to the next. Default 2.", { above: 1, atMost: 1024 }).exactOptional(),
        }),
      ],
      { error: expectation({ expected: "a list of sizes, or { from, to, factor }" }) },
    )
    .meta({
      description:
        "Buffer sizes as nccl-tests counts them: the whole buffer of all-gather and reduce-scatter, that of one rank of the others.",
    }),
  algorithm: text(
    "Algorithm, with a protocol if there is a choice (ring, ring/simple), or auto: as the library chooses. Default auto.",
  ).exactOptional(),
  group: group.exactOptional(),
  calibration: text(
    "File of a calibration profile (windtunnel import nccl-tests --profile): its curves stand in for the prediction where it has them.",
  ).exactOptional(),
}).meta({ description: "One collective operation, alone on the cluster." }) as unknown as z.ZodObject;
