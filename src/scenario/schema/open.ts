/** Keys that a search may answer: a value as ever, or `auto`, or a list of the values to choose from. */

import { z } from "zod";
import { readOnce } from "./fields.ts";

/** Every value that is worth a look, or those listed. */
export type Open<Value> = "auto" | readonly Value[];

/** A field that may also be open. What is wrong with a value is said as for the plain field. */
export function openable<Value>(plain: z.ZodType<Value>): z.ZodType<Value | OpenField<Value>> {
  const error = ({ input }: { readonly input?: unknown }): string => {
    const [issue] = plain.safeParse(input, readOnce).error?.issues ?? [];
    return issue?.message ?? "a value";
  };
  const marked = (found: unknown): OpenField<Value> => ({ open: found as Open<Value> });
  const { description = "" } = plain.meta() ?? {};
  const meta = { description: `${description} Or auto, or a list to choose from: for windtunnel search.` };
  // Open first: a count reads any text, and would find fault with the word.
  const auto = z.literal("auto").transform(marked);
  return z.union([auto, z.array(plain).min(1).transform(marked), plain], { error }).meta(meta);
}

/** An open field, marked so that no value is mistaken for one. */
export interface OpenField<Value> {
  readonly open: Open<Value>;
}

/** A section with its open keys put apart under `open`. */
export function openApart(section: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const plain: Record<string, unknown> = {};
  const open: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(section)) {
    if (isOpen(value)) open[key] = value.open;
    else plain[key] = value;
  }
  return Object.keys(open).length === 0 ? plain : { ...plain, open };
}

function isOpen(value: unknown): value is OpenField<unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "open" in value;
}
