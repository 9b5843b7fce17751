/** Mistakes of syntax in a launch file by its extension or first line, found before anyone asks which format it is. */

import type { Problem } from "../base/problem.ts";
import { readSource } from "../scenario/schema/source.ts";
import { unclosedQuote } from "./shell/tokens.ts";
import { tomlOf } from "./toml.ts";

/** Problems of a file that no format takes for its own. */
export function brokenSyntax(text: string, file: string): readonly Problem[] {
  if (/\.toml$/i.test(file)) return tomlOf(text, file, { set: {} }).problems;
  if (/\.(ya?ml|json)$/i.test(file)) return readSource(text, file).problems;
  return brokenScript(text, file);
}

/** Problems of a shell script, which is otherwise read as far as it goes; none in any other text. */
export function brokenScript(text: string, file: string): readonly Problem[] {
  if (!/\.(sh|bash|slurm|sbatch)$/i.test(file) && !/^#!.*\b(ba|z|k|da)?sh\b/.test(text)) return [];
  const open = unclosedQuote(text);
  if (open === undefined) return [];
  const message = `broken shell script: this ${open.mark} is never closed`;
  return [{ path: "", message, location: { file, line: open.line, column: 1 } }];
}
