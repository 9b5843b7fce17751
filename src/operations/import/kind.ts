/** What a kind of import is: one file in this folder, one line in `../import.ts`. */

import type { z } from "zod";
import type { Host } from "../host.ts";
import type { Example } from "../operation.ts";

/** What every kind is given. */
export interface ImportFiles {
  readonly file: string;
  /** Further files, of kinds that take several. */
  readonly files?: readonly string[];
  readonly output?: string;
}

export interface ImportKind<Input extends ImportFiles, Output> {
  readonly name: string;
  /** What people have, in words. */
  readonly summary: string;
  readonly takes: "one file" | "several files";
  /** Options of its own; those of other kinds are refused by name. */
  readonly options: Readonly<Record<string, z.ZodType>>;
  readonly examples: readonly Example[];
  /** Rejects with a ProblemError on wrong input. */
  run(input: Input, host: Host): Promise<Output>;
}

/** Options that another kind has too, said the same way. */
export function pickOptions(
  options: ImportKind<never, never>["options"],
  names: readonly string[],
): ImportKind<never, never>["options"] {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}
