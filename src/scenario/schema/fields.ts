/**
 * Building blocks of the language: quantities, counts, ratios, choices and strict objects as zod schemas.
 *
 * A schema's error text is not for people: it is `expectation(...)`, what was expected and what to try, which
 * `problems.ts` joins with the place and the value that was found.
 */

import { z } from "zod";
import {
  type Dimension,
  dimensions,
  formatQuantity,
  type Parsed,
  parseCount,
  parseQuantity,
  parseRatio,
} from "../../base/quantity.ts";

/** What a field wants, carried in zod's message. */
export interface Expectation {
  readonly expected: string;
  readonly hint?: string;
  /** Keys that an object knows, for suggestions. */
  readonly keys?: readonly string[];
  /** The whole sentence, where more is known than "found this, expected that". */
  readonly message?: string;
}

/** Encodes an expectation as a zod message. */
export function expectation(value: Expectation): () => string {
  const text = JSON.stringify(value);
  return () => text;
}

/** How values are held against a schema: most are read once, and code made for an object costs more than it saves. */
export const readOnce = { jitless: true } as const;

/** Limits of a number; `above` excludes its value. */
export interface Limits {
  readonly above?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** The limit that a number breaks, in words. */
function outside(value: number, { above, atLeast, atMost }: Limits): string | undefined {
  const shown = (limit: number): string => (Number.isInteger(limit) ? formatQuantity(limit, "count") : String(limit));
  if (above !== undefined && !(value > above)) return `more than ${shown(above)}`;
  if (atLeast !== undefined && value < atLeast) return `at least ${shown(atLeast)}`;
  if (atMost !== undefined && value > atMost) return `at most ${shown(atMost)}`;
  return undefined;
}

/** A physical quantity as text with a unit, in SI after parsing. Positive unless limits say otherwise. */
export function quantity(
  dimension: Dimension,
  description: string,
  limits: Limits = { above: 0 },
): z.ZodType<number, string> {
  const { noun, example, units } = dimensions[dimension];
  const examples = units.map((unit) => `"${example}${unit}"`).join(" or ");
  return z
    .string({
      error: ({ input }) => {
        const parsed = parseQuantity(input, dimension);
        const sentence = parsed.ok || input === undefined ? {} : { message: parsed.message };
        const hint = parsed.ok || parsed.hint === undefined ? `write ${examples}` : parsed.hint;
        return JSON.stringify({ expected: noun, hint, ...sentence } satisfies Expectation);
      },
    })
    .transform((text, context) => accepted(parseQuantity(text, dimension), text, { limits, noun, context }))
    .meta({ description: `${description} Text with a unit, e.g. ${examples}.` });
}

interface Acceptance {
  readonly limits: Limits;
  readonly noun: string;
  readonly context: z.core.$RefinementCtx;
}

/** The value where it was read and lies within its limits; else an issue is added. */
function accepted(parsed: Parsed, found: number | string, { limits, noun, context }: Acceptance): number {
  const fail = (message: string, hint?: string): never => {
    context.addIssue({ code: "custom", message, params: { hint } });
    return z.NEVER;
  };
  // A limit says more about a number than that it is negative or too large to be real.
  const value = parsed.ok ? parsed.value : typeof found === "number" ? found : undefined;
  const limit = value === undefined ? undefined : outside(value, limits);
  const shown = typeof found === "string" ? `"${found}"` : String(found);
  if (limit !== undefined) return fail(`found ${shown}, expected ${noun} of ${limit}`);
  return parsed.ok ? parsed.value : fail(parsed.message, parsed.hint);
}

/** A count: a bare integer, or text with an SI prefix (`15.6T`). */
export function count(description: string, limits: Limits = { atLeast: 1 }): z.ZodType<number, number | string> {
  return numeric(description, { read: parseCount, noun: "a count", limits });
}

/** A count, or the word `auto`: what a search answers. */
export function countOrAuto(
  description: string,
  limits: Limits = { atLeast: 1 },
): z.ZodType<number | "auto", number | string> {
  const noun = "a count, or auto";
  return z
    .union([z.number(), z.string()], { error: expectation({ expected: noun, hint: "e.g. 8" }) })
    .transform((found, context): number | "auto" =>
      found === "auto" ? found : accepted(parseCount(found), found, { limits, noun: "a count", context }),
    )
    .meta({ description });
}

/** A ratio: a bare number (`0.41`) or a percentage (`41 %`). */
export function ratio(
  description: string,
  limits: Limits = { atLeast: 0, atMost: 1 },
): z.ZodType<number, number | string> {
  return numeric(description, { read: parseRatio, noun: "a ratio", limits });
}

interface Numeric {
  readonly read: (found: unknown) => Parsed;
  readonly noun: string;
  readonly limits: Limits;
}

/** A bare number or text. */
function numeric(description: string, { read, noun, limits }: Numeric): z.ZodType<number, number | string> {
  const hint = noun === "a count" ? 'e.g. 512, or text with a prefix, e.g. "15.6T"' : 'e.g. 0.41 or "41 %"';
  return z
    .union([z.number(), z.string()], { error: expectation({ expected: noun, hint }) })
    .transform((found, context) => accepted(read(found), found, { limits, noun, context }))
    .meta({ description });
}

/** One of a few words; `hint` says what a stranger to them should write. */
export function choice<const Word extends string>(
  words: readonly [Word, ...Word[]],
  description: string,
  hint?: string,
): z.ZodType<Word, Word> {
  const expected = expectation({ expected: listed(words), keys: words, ...(hint === undefined ? {} : { hint }) });
  return z.enum(words, { error: expected }).meta({ description });
}

/** Free text, not empty. */
export function text(description: string): z.ZodType<string, string> {
  const error = ({ input }: { readonly input?: unknown }): string => {
    const quotable = typeof input === "number" || typeof input === "boolean";
    const hint = quotable ? { hint: `in quotes it is text: "${input}"` } : {};
    return JSON.stringify({ expected: "text", ...hint } satisfies Expectation);
  };
  return z.string({ error }).min(1, { error }).meta({ description });
}

/**
 * An object with these keys and no others; `hint` shows one. Its fields are built when such an object is first met:
 * building all of the language takes longer than most predictions.
 */
export function strict<Shape extends z.core.$ZodLooseShape>(
  shape: () => Shape,
  hint?: string,
): z.ZodObject<Shape, z.core.$strict> {
  let built: Shape | undefined;
  const fields = (): Shape => {
    built ??= shape();
    return built;
  };
  const wanted = { expected: "an object", ...(hint === undefined ? {} : { hint }) };
  const object = new z.ZodObject({
    type: "object",
    get shape() {
      return fields();
    },
    catchall: z.never(),
    error: () => JSON.stringify({ ...wanted, keys: Object.keys(fields()) } satisfies Expectation),
  });
  return object as unknown as z.ZodObject<Shape, z.core.$strict>;
}

/** A list of at least one. */
export function list<Item extends z.ZodType>(item: Item, description: string): z.ZodArray<Item> {
  const error = expectation({ expected: "a list with at least one entry" });
  return z.array(item, { error }).min(1, { error }).meta({ description });
}

/** Words in a sentence: `a, b or c`. */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}
