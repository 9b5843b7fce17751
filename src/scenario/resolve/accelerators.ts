/** Accelerators as written, as a list: so many, ranges as text, or a row with a stride. */

import type { AcceleratorsText } from "../schema/traffic.ts";
import { type Notes, problem } from "./notes.ts";

interface Context {
  readonly path: string;
  /** Accelerators of the cluster. */
  readonly available: number;
}

/** The list in the order written; nothing where a problem stands in its way. */
export function resolveAccelerators(
  written: AcceleratorsText,
  { path, available }: Context,
  notes: Notes,
): readonly number[] | undefined {
  const found = typeof written === "string" ? rangesOf(written, { path, available }, notes) : rowOf(written);
  if (found === undefined) return undefined;
  const missing = found.find((accelerator) => accelerator >= available);
  if (missing !== undefined) {
    problem(notes, path, `there is no accelerator ${missing}`, `0 to ${available - 1} are there`);
    return undefined;
  }
  const seen = new Set<number>();
  const twice = found.find((accelerator) => seen.size === seen.add(accelerator).size);
  if (twice === undefined) return found;
  problem(notes, path, `accelerator ${twice} is there twice`, "each takes part once");
  return undefined;
}

function rowOf(written: Exclude<AcceleratorsText, string>): readonly number[] {
  const { first = 0, count, stride = 1 } = typeof written === "number" ? { count: written } : written;
  // One beyond the last is enough to say that it is not there.
  return Array.from({ length: Math.min(count, rowMost) }, (_, index) => first + index * stride);
}

/** No cluster has more. */
const rowMost = 10_000_001;

function rangesOf(text: string, { path, available }: Context, notes: Notes): readonly number[] | undefined {
  const found: number[] = [];
  for (const part of text.split(",")) {
    const [, first = "", last = first] = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(part) ?? [];
    if (first === "" || Number(last) < Number(first)) {
      problem(notes, path, `"${part.trim()}" is no range of accelerators`, 'e.g. "0-63, 128-191"');
      return undefined;
    }
    if (Number(last) >= available) {
      problem(notes, path, `there is no accelerator ${Number(last)}`, `0 to ${available - 1} are there`);
      return undefined;
    }
    for (let accelerator = Number(first); accelerator <= Number(last); accelerator++) found.push(accelerator);
  }
  return found;
}
