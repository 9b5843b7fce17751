/** `--set NAME=VALUE`, given again and again. */

import { type Problem, ProblemError } from "../../base/problem.ts";

/** @throws ProblemError with every word that is no pair. */
export function settingsOf(given: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const word of given) {
    const at = word.indexOf("=");
    if (at > 0) settings[word.slice(0, at).trim()] = word.slice(at + 1).trim();
    else problems.push({ path: "set", message: `found "${word}", expected NAME=VALUE`, hint: "e.g. --set TP=8" });
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return settings;
}
