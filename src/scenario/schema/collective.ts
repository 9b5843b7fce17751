/** `workload: { kind: collective }`: one collective operation over a group, at one or several sizes. */

import { z } from "zod";
import type { CollectiveOperation, Dispatcher, Launch, Library, WirePrecision } from "../../network/index.ts";
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

/** An exchange of tokens between experts, in place of a plain all-to-all. */
export interface ExchangeText {
  readonly kernels: Exclude<Dispatcher, "all-to-all" | "all-gather">;
  readonly direction?: "dispatch" | "combine";
  readonly experts: number;
  readonly topK: number;
  readonly hidden: number;
  readonly precision: WirePrecision;
  readonly nodeLimit?: number;
  readonly multiprocessors?: number;
}

export interface CollectiveText {
  readonly kind: "collective";
  readonly operation: CollectiveOperation;
  readonly sizes: readonly number[] | SizeRange;
  readonly algorithm?: string;
  readonly channels?: number;
  readonly library?: Library;
  readonly launch?: Launch;
  readonly exchange?: ExchangeText;
  readonly group?: GroupText;
  readonly method?: "auto" | "closed-form" | "flows";
  /** Path of a profile that import nccl-tests made. */
  readonly calibration?: string;
}

const collectiveOperations = [
  "all-reduce",
  "all-gather",
  "reduce-scatter",
  "all-to-all",
  "broadcast",
  "reduce",
  "send-receive",
] as const satisfies readonly CollectiveOperation[];

const libraries = ["nccl", "custom", "custom/vllm", "custom/tensorrt-llm"] as const satisfies readonly Library[];
const launches = ["back-to-back", "per-process"] as const satisfies readonly Launch[];

const kernels = [
  "deepep",
  "deepep-low-latency",
  "hybridep",
  "nvlink-two-sided",
] as const satisfies readonly ExchangeText["kernels"][];
const precisions = ["bf16", "fp8", "nvfp4"] as const satisfies readonly WirePrecision[];

const exchange = strict(() => ({
  kernels: choice(kernels, "Whose kernels exchange the tokens."),
  direction: choice(["dispatch", "combine"], "To the experts, or back and added up. Default dispatch.").exactOptional(),
  experts: count("Routed experts of a layer, over the whole group.", { atLeast: 1, atMost: 1_000_000 }),
  topK: count("Experts that a token goes to.", { atLeast: 1, atMost: 1024 }),
  hidden: count("Elements of a token.", { atLeast: 1, atMost: 1_000_000 }),
  precision: choice(precisions, "Format of tokens on the wire, scales included."),
  nodeLimit: count("Domains one token may reach, where routing limits them. Default as many as there are.", {
    atLeast: 1,
    atMost: 100_000,
  }).exactOptional(),
  multiprocessors: count("Multiprocessors given to the copies. Default 24 for deepep, 16 for hybridep.", {
    atLeast: 1,
    atMost: 1024,
  }).exactOptional(),
})).meta({
  description:
    "Tokens between experts instead of a plain all-to-all; a size is what one rank's tokens weigh before they are copied.",
});

const size = quantity("bytes", "Size of the buffer.");

const group = strict(() => ({
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
})).meta({ description: "Which accelerators take part. Default all, in order." });

/** The workload of this kind. */
export const collectiveWorkload: z.ZodObject = strict(() => ({
  kind: z.literal("collective"),
  operation: choice(collectiveOperations, "Collective operation."),
  sizes: z
    .union(
      [
        list(size, "Sizes."),
        strict(() => ({
          from: size,
          to: size,
          factor: ratio("Step from one size to the next. Default 2.", { above: 1, atMost: 1024 }).exactOptional(),
        })),
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
  channels: count("Channels (multiprocessors) given to it. Default as many as the links need.", {
    atLeast: 1,
    atMost: 1024,
  }).exactOptional(),
  library: choice(
    libraries,
    "Whose kernels run: the collective library, or the small all-reduce of an inference engine. Default nccl.",
  ).exactOptional(),
  launch: choice(
    launches,
    "How calls are started: queued ahead of the accelerator, or each by itself from a process per rank. Default back-to-back.",
  ).exactOptional(),
  exchange: exchange.exactOptional(),
  group: group.exactOptional(),
  method: choice(
    ["auto", "closed-form", "flows"],
    "closed-form: the fabric as rates; flows: its links, ways and failures one by one; auto: flows where the fabric or the group asks for them. Default auto.",
  ).exactOptional(),
  calibration: text(
    "File of a calibration profile (windtunnel import nccl-tests --profile): its curves stand in for the prediction where it has them.",
  ).exactOptional(),
})).meta({ description: "One collective operation, alone on the cluster." }) as unknown as z.ZodObject;
