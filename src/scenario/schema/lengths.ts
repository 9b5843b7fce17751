/** `workload.lengths:` sequences of unequal length, instead of one sequenceLength. */

import type { z } from "zod";
import type { LengthBin, SequenceLengths } from "../../training/index.ts";
import { choice, count, list, ratio, strict, text } from "./fields.ts";

/** Lengths as written: one of the four distributions, and how rows are made of them. */
export interface LengthsText {
  readonly histogram?: readonly LengthBin[];
  readonly samples?: readonly number[];
  readonly file?: string;
  readonly lognormal?: { readonly median: number; readonly p99: number };
  readonly packedLength?: number;
  readonly packing?: SequenceLengths["packing"];
  readonly padTo?: SequenceLengths["padding"];
  readonly masking?: SequenceLengths["masking"];
  readonly balance?: SequenceLengths["balance"];
  readonly contextCut?: SequenceLengths["contextCut"];
}

/** Tokens of the longest sequence. */
export const tokensMost = 100_000_000;

const tokens = { atLeast: 1, atMost: tokensMost };

export const lengthsField: z.ZodType<LengthsText> = strict(
  () => ({
    histogram: list(
      strict(() => ({
        upTo: count("Longest of these, in tokens.", tokens),
        share: ratio("Share of all sequences.", { above: 0, atMost: 1 }),
      })),
      "Shares of sequences by length: longer than the entry before, up to this one.",
    ).exactOptional(),
    samples: list(count("Tokens of one sequence.", tokens), "Lengths, every one as likely.").exactOptional(),
    file: text("Path to a text file with one length a line, from the folder of the scenario.").exactOptional(),
    lognormal: strict(() => ({
      median: count("Median, in tokens.", tokens),
      p99: count("99th percentile, in tokens.", tokens),
    }))
      .meta({ description: "A log-normal distribution." })
      .exactOptional(),
    packedLength: count(
      "Tokens of a packed row; without packing the most that a sequence is cut to. Default: the longest length.",
      tokens,
    ).exactOptional(),
    packing: choice(
      ["none", "greedy", "best-fit"],
      "Rows of a batch: one sequence each, padded; sequences in the order they come while they fit; or the longest first, each where it fits best. Default none.",
    ).exactOptional(),
    padTo: choice(
      ["longest", "packed-length"],
      "With packing: none, what rows are padded to: the longest of their micro-batch, or packedLength. Default longest.",
    ).exactOptional(),
    masking: choice(
      ["documents", "none"],
      "With packing, whether tokens attend to their own sequence alone. Default documents.",
    ).exactOptional(),
    balance: choice(
      ["none", "sorted", "workload"],
      "Who gets which row: as they come; alike rows together and in turn; or the most work first to whom has least. Default none.",
    ).exactOptional(),
    contextCut: choice(
      ["document", "row"],
      "What is cut over context ranks: each sequence, or the row. Default: row with all-gather, else document.",
    ).exactOptional(),
  }),
  "e.g. lengths: { histogram: [{ upTo: 512, share: 40 % }, { upTo: 4096, share: 60 % }], packing: best-fit }",
).meta({ description: "Sequences of unequal length, instead of sequenceLength." }) as unknown as z.ZodType<LengthsText>;
