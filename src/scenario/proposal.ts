/** A proposal as it is written: what is asked for, what it must keep, and the options, each a scenario file. */

import { z } from "zod";
import { ProblemError } from "../base/problem.ts";
import { choice, list, ratio, strict, text } from "./schema/fields.ts";
import { inOrder, problemsOf } from "./schema/problems.ts";
import { type Places, readSource } from "./schema/source.ts";
import { isObject } from "./schema/structure.ts";
import { constraintsField, type GoalText, objectiveField, type Written } from "./schema/study.ts";

export interface AskText {
  /** The decision in one sentence. */
  readonly decision?: string;
  readonly owner?: string;
  /** Day of the document, and the last day to decide; text, since nothing here asks a clock. */
  readonly date?: string;
  readonly decideBy?: string;
}

export interface RequirementText {
  readonly id: string;
  readonly text: string;
  readonly metric: string;
  readonly atMost?: Written;
  readonly atLeast?: Written;
  /** Probability with which it must hold; without it the prediction itself decides. */
  readonly confidence?: number;
}

export type OptionRole = "option" | "do-nothing" | "software-only";

export interface OptionText {
  readonly name: string;
  readonly scenario: string;
  readonly role?: OptionRole;
}

/** Who stands for an assumption, and since when. */
export interface OwnedAssumption {
  /** As the prediction names it: `economics.acceleratorHour`, or a resource: `memoryBandwidth`. */
  readonly assumption: string;
  readonly owner: string;
  readonly source?: string;
  readonly asOf?: string;
}

export interface Proposal {
  readonly proposal: string;
  readonly ask?: AskText;
  readonly requirements?: readonly RequirementText[];
  readonly objective?: readonly GoalText[];
  readonly options: readonly OptionText[];
  readonly assumptions?: readonly OwnedAssumption[];
  readonly places: Places;
}

const day = z
  .string({ error: () => JSON.stringify({ expected: "a date", hint: "e.g. 2026-12-15" }) })
  .regex(/^\d{4}-\d{2}-\d{2}$/, { error: () => JSON.stringify({ expected: "a date", hint: "e.g. 2026-12-15" }) });

const limit = constraintsField as unknown as z.ZodArray<z.ZodObject<Record<string, z.ZodType>>>;

const schema = strict(() => ({
  windtunnel: z.literal(1, { error: () => JSON.stringify({ expected: "windtunnel: 1" }) }),
  proposal: text("Title of the document."),
  ask: strict(() => ({
    decision: text("The decision in one sentence.").exactOptional(),
    owner: text("Who decides.").exactOptional(),
    date: day.exactOptional(),
    decideBy: day.exactOptional(),
  })).exactOptional(),
  requirements: list(
    strict(() => ({
      id: text("Identifier, e.g. R1."),
      text: text("The requirement in words."),
      ...limit.element.shape,
      confidence: ratio("Probability with which it must hold.", { above: 0, atMost: 0.999 }).exactOptional(),
    })),
    "What the design must keep.",
  ).exactOptional(),
  objective: objectiveField.exactOptional(),
  options: list(
    strict(() => ({
      name: text("Name of the option."),
      scenario: text("Its scenario file, from the folder of the proposal."),
      role: choice(["option", "do-nothing", "software-only"], "What it stands for. Default option.").exactOptional(),
    })),
    "Designs to choose from.",
  ),
  assumptions: list(
    strict(() => ({
      assumption: text("Path or resource, as the register names it."),
      owner: text("Who stands for it."),
      source: text("Where it is from.").exactOptional(),
      asOf: day.exactOptional(),
    })),
    "Owners of assumptions.",
  ).exactOptional(),
}));

/** True for text that is a proposal and no scenario. */
export function isProposal(written: string): boolean {
  const { value } = readSource(written);
  return isObject(value) && "proposal" in value;
}

/**
 * Reads a proposal from YAML or JSON text.
 * @throws ProblemError with every mistake of syntax and of its keys.
 */
export function parseProposal(written: string, file?: string): Proposal {
  const { value, places, problems } = readSource(written, file);
  if (problems.length > 0) throw new ProblemError(problems);
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ProblemError(inOrder(problemsOf(parsed.error.issues, value, places)));
  return { ...(parsed.data as unknown as Omit<Proposal, "places">), places };
}
