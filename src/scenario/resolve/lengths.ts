/** Sequences of unequal length: the distribution as written or from a file, and how rows are made of it. */

import {
  type LengthDistribution,
  longestLength,
  meanWithin,
  type SequenceLengths,
  sequencesInRowMost,
} from "../../training/index.ts";
import type { SoftwareProfile } from "../../training/software.ts";
import type { LayoutText } from "../schema/layout.ts";
import { type LengthsText, tokensMost } from "../schema/lengths.ts";
import type { Files } from "./model.ts";
import { given, type Notes, problem } from "./notes.ts";

const path = "workload.lengths";

export interface ResolvedLengths {
  readonly lengths: SequenceLengths;
  readonly packedLength: number;
}

interface LengthsContext {
  readonly files: Files;
  readonly seed: number;
  readonly software: SoftwareProfile;
  readonly layout: LayoutText | undefined;
}

/** Lengths with every default written down; nothing where a problem stands in the way. */
export function resolveLengths(
  written: LengthsText,
  context: LengthsContext,
  notes: Notes,
): ResolvedLengths | undefined {
  const distribution = distributionOf(written, context.files, notes);
  if (context.software.kernels.attention === "unfused") {
    problem(notes, path, "unfused attention computes whole rows", "use fused attention, or one sequenceLength");
  }
  const packing = given(notes, `${path}.packing`, written.packing, "none", "not given; rows are padded");
  uselessLengthKeys(written, packing, context, notes);
  const padding = packing === "none" ? paddingOf(written, notes) : "longest";
  const masking = packing === "none" ? "documents" : maskingOf(written, notes);
  const balance = given(notes, `${path}.balance`, written.balance, "none", "not given; rows as they come");
  const contextCut = contextCutOf(written, context, notes);
  if (distribution === undefined) return undefined;
  const packedLength = packedLengthOf(written, distribution, context, notes);
  if (packing !== "none") tooManyInRow(distribution, packedLength, notes);
  if (longestLength(distribution) > packedLength || distribution.kind === "lognormal") {
    const value = packing === "none" ? `cut to ${packedLength} tokens` : `cut into rows of ${packedLength} tokens`;
    notes.assumptions.push({ path, value, reason: "longer sequences do not fit a row" });
  }
  const reason = "globalBatch counts rows, of which each holds one sequence or is packed";
  notes.assumptions.push({ path: "workload.globalBatch", value: "rows", reason });
  return {
    lengths: { distribution, packing, padding, masking, balance, contextCut, seed: context.seed },
    packedLength,
  };
}

function tooManyInRow(distribution: LengthDistribution, packedLength: number, notes: Notes): void {
  const held = packedLength / meanWithin(distribution, packedLength);
  if (held <= sequencesInRowMost) return;
  const count = Math.round(held);
  const message = `a row of ${packedLength} tokens holds ${count} sequences on average, at most ${sequencesInRowMost} are modelled`;
  problem(notes, `${path}.packedLength`, message, "write a shorter packedLength, or longer sequences");
}

function paddingOf(written: LengthsText, notes: Notes): SequenceLengths["padding"] {
  return given(notes, `${path}.padTo`, written.padTo, "longest", "not given; to the longest of the micro-batch");
}

function maskingOf(written: LengthsText, notes: Notes): SequenceLengths["masking"] {
  return given(notes, `${path}.masking`, written.masking, "documents", "not given; sequences do not see each other");
}

/** Llama 3 gathers keys and cuts rows; Transformer Engine cuts each sequence of a packed row. */
function contextCutOf(
  written: LengthsText,
  { software, layout }: LengthsContext,
  notes: Notes,
): SequenceLengths["contextCut"] {
  if ((layout?.context ?? 1) === 1) return "document";
  const fallback = software.contextExchange === "all-gather" ? "row" : "document";
  return given(notes, `${path}.contextCut`, written.contextCut, fallback, "not given; as the exchange is used");
}

function packedLengthOf(
  written: LengthsText,
  distribution: LengthDistribution,
  { layout }: LengthsContext,
  notes: Notes,
): number {
  const cut = 2 * (layout?.context ?? 1) * (layout?.tensor ?? 1);
  const longest = Math.ceil(longestLength(distribution) / cut) * cut;
  const reason = "not given; the longest length (of a log-normal the 99.9th percentile), rounded up to what divides";
  return given(notes, `${path}.packedLength`, written.packedLength, longest, reason);
}

function uselessLengthKeys(
  written: LengthsText,
  packing: SequenceLengths["packing"],
  { layout, software }: LengthsContext,
  notes: Notes,
): void {
  const useless = (key: keyof LengthsText, message: string): void => {
    if (written[key] !== undefined) problem(notes, `${path}.${key}`, message, "remove it");
  };
  if (packing !== "none") useless("padTo", `has no effect with packing: ${packing}`);
  if (packing === "none") useless("masking", "has no effect with packing: none");
  if ((layout?.context ?? 1) === 1) useless("contextCut", "has no effect without layout.context > 1");
  else if (software.contextExchange === "all-to-all")
    useless("contextCut", "has no effect: with all-to-all every rank has all tokens");
}

const kinds = ["histogram", "samples", "file", "lognormal"] as const;

function distributionOf(written: LengthsText, files: Files, notes: Notes): LengthDistribution | undefined {
  const used = kinds.filter((kind) => written[kind] !== undefined);
  if (used.length !== 1) {
    const message = used.length === 0 ? "missing; expected the lengths" : `both ${used.join(" and ")}`;
    problem(notes, path, message, `write one of ${kinds.join(", ")}`);
    return undefined;
  }
  if (written.samples !== undefined) return { kind: "samples", lengths: written.samples };
  if (written.file !== undefined) return fromFile(written.file, files, notes);
  if (written.lognormal !== undefined) {
    const { median, p99 } = written.lognormal;
    if (p99 >= median) return withinMost({ kind: "lognormal", median, p99 }, notes);
    problem(notes, `${path}.lognormal.p99`, `${p99} is less than the median ${median}`);
    return undefined;
  }
  return histogramOf(written.histogram ?? [], notes);
}

/** Written lengths have a most; what a log-normal has for its longest is held to the same. */
function withinMost(distribution: LengthDistribution, notes: Notes): LengthDistribution | undefined {
  const longest = longestLength(distribution);
  if (longest <= tokensMost) return distribution;
  const message = `the 99.9th percentile is ${longest} tokens, at most ${tokensMost} are modelled`;
  problem(notes, `${path}.lognormal.p99`, message, "write a smaller p99, or a median nearer to it");
  return undefined;
}

function histogramOf(bins: NonNullable<LengthsText["histogram"]>, notes: Notes): LengthDistribution | undefined {
  const before = notes.problems.length;
  bins.forEach(({ upTo }, index) => {
    const last = bins[index - 1]?.upTo ?? 0;
    if (upTo > last) return;
    problem(notes, `${path}.histogram[${index}].upTo`, `${upTo} is not more than ${last} before it`, "in rising order");
  });
  const sum = bins.reduce((total, { share }) => total + share, 0);
  if (Math.abs(sum - 1) > 1e-6) {
    problem(notes, `${path}.histogram`, `the shares add up to ${Number((100 * sum).toPrecision(6))} %, expected 100 %`);
  }
  return notes.problems.length > before ? undefined : { kind: "histogram", bins };
}

/** One length a line; empty lines are skipped. */
function fromFile(file: string, files: Files, notes: Notes): LengthDistribution | undefined {
  const where = `${path}.file`;
  const text = files[file];
  if (text === undefined) {
    problem(notes, where, `the file "${file}" was not given`, "its text is needed: see requiredFiles");
    return undefined;
  }
  const lengths: number[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const word = line.trim();
    if (word === "") continue;
    const length = Number(word);
    if (!Number.isInteger(length) || length < 1 || length > tokensMost) {
      problem(notes, where, `line ${index + 1} of "${file}" is "${word.slice(0, 40)}"`, "expected one length a line");
      return undefined;
    }
    lengths.push(length);
  }
  if (lengths.length > 0) return { kind: "samples", lengths };
  problem(notes, where, `"${file}" has no lengths`, "expected one length a line");
  return undefined;
}
