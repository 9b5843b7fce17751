/** `reliability:` what fails, how state is saved, what a restart takes; `storage:` where checkpoints go. */

import { z } from "zod";
import type { ComponentName } from "../../reliability/index.ts";
import type { CheckpointContents } from "../../training/index.ts";
import { choice, count, expectation, quantity, ratio, strict } from "./fields.ts";

export interface CheckpointText {
  readonly every?: number | "auto";
  readonly mode?: "sync" | "async";
  readonly contents?: CheckpointContents;
  readonly bytesPerParameter?: number;
  readonly writers?: "every-rank" | "one-replica";
  readonly stall?: number;
  readonly overhead?: number;
  readonly memory?: { readonly every: number; readonly recovers: number };
}

export interface ReliabilityText {
  /** Mean time between failures of one accelerator with its share of everything, or of one component each. */
  readonly mtbf?: number | Readonly<Partial<Record<ComponentName, number>>>;
  readonly detection?: number;
  readonly restart?: number;
  readonly repair?: number;
  readonly spares?: number;
  readonly deadline?: number;
  readonly checkpoint?: CheckpointText;
}

export interface StorageText {
  readonly write: number;
  readonly read?: number;
  readonly perNode?: number;
}

const time = (description: string) => quantity("seconds", description, { atLeast: 0 });
const hours = (what: string) => quantity("seconds", `Mean time between failures of ${what}.`).exactOptional();

const componentTimes = strict(
  () => ({
    accelerator: hours("one accelerator, its memory apart"),
    memory: hours("the memory (HBM) of one accelerator"),
    nic: hours("one network port of a node"),
    network: hours("the cable of one port with its share of the switches"),
    host: hours("one node without accelerators and ports, maintenance included"),
    software: hours("the software of one node"),
  }),
  "e.g. { accelerator: 100 kh, host: 50 kh }",
);

const mtbf = z
  .union([quantity("seconds", ""), componentTimes], {
    error: expectation({
      expected: "a time, or an object from component to time",
      hint: "e.g. 50 kh, or { accelerator: 100 kh, host: 50 kh }",
    }),
  })
  .meta({
    description:
      "Mean time between failures that end the job: of one accelerator with its share of everything, e.g. 50 kh, or of one component of each kind. Default those of Llama 3's run on H100.",
  });

const every = z
  .union([z.literal("auto"), quantity("seconds", "")], {
    error: expectation({ expected: "a time, or auto", hint: "e.g. 30 min; auto: the interval with the best goodput" }),
  })
  .meta({ description: "Work between two checkpoints; auto (the default): the interval with the best goodput." });

const memory = strict(
  () => ({
    every: quantity("seconds", "Work between two copies to the memory of another node."),
    recovers: ratio("Share of the interruptions after which such a copy is left to load."),
  }),
  "e.g. { every: 2 min, recovers: 80 % }",
).meta({ description: "Copies in the memory of hosts, between the checkpoints on the store. Default none." });

const checkpoint = strict(
  () => ({
    every: every.exactOptional(),
    mode: choice(
      ["sync", "async"],
      "sync: steps wait until the store has the checkpoint; async: only until host memory has it. Default async.",
    ).exactOptional(),
    contents: choice(
      ["weights", "optimizer", "gradients"],
      "weights alone; with master copy and moments; with gradients too. Default optimizer.",
    ).exactOptional(),
    bytesPerParameter: quantity("bytes", "Replaces what follows from contents and software.").exactOptional(),
    writers: choice(
      ["every-rank", "one-replica"],
      "Who writes: all ranks an equal share, or the ranks of one replica. Default every-rank.",
    ).exactOptional(),
    stall: time(
      "Time that steps stand still for one checkpoint; replaces what follows from links and storage.",
    ).exactOptional(),
    overhead: time("Planning and barriers of one checkpoint, part of its stall. Default 1 s.").exactOptional(),
    memory: memory.exactOptional(),
  }),
  "e.g. { every: 30 min }",
).meta({ description: "How state is saved." });

/** `reliability:` */
export const reliabilityField: z.ZodType<ReliabilityText> = strict(
  () => ({
    mtbf: mtbf.exactOptional(),
    detection: time("From a failure until the job is known to be down. Default 10 min.").exactOptional(),
    restart: time(
      "From there to the first step, without loading: new nodes, processes, process groups. Default 5 min.",
    ).exactOptional(),
    repair: time("Until a node that failed may be used again. Default 24 h.").exactOptional(),
    spares: count("Spare nodes that stand by. Default the fewest with which waiting costs less than 0.1 %.", {
      atLeast: 0,
    }).exactOptional(),
    deadline: quantity("seconds", "Wall time by which the run is to end: gives its probability.").exactOptional(),
    checkpoint: checkpoint.exactOptional(),
  }),
  "e.g. { checkpoint: { every: 30 min }, spares: 32 }",
).meta({
  description: "Failures and checkpoints. Without it a run has neither.",
}) as unknown as z.ZodType<ReliabilityText>;

/** `storage:` */
export const storageField: z.ZodType<StorageText> = strict(
  () => ({
    write: quantity("bytesPerSecond", "What the store takes from all nodes together, sustained."),
    read: quantity("bytesPerSecond", "What it gives to all nodes together. Default as write.").exactOptional(),
    perNode: quantity(
      "bytesPerSecond",
      "What one node moves to or from it. Default the rate of one of its network ports.",
    ).exactOptional(),
  }),
  "e.g. { write: 2 TB/s }",
).meta({ description: "The store that keeps the checkpoints." }) as unknown as z.ZodType<StorageText>;
