/**
 * Keys that a launch decides and that the support matrix refuses: they are left out of the scenario, and the settings
 * that they came from are listed with the matrix's reason. Once a thing is modelled, its settings are read.
 */

import { ProblemError } from "../../base/problem.ts";
import { refusals, scenarioFromValue } from "../../scenario/index.ts";
import { scenarioValue } from "../scenario.ts";
import type { Sheet } from "../sheet.ts";

export function dropRefused(sheet: Sheet): void {
  for (const { path, message, hint } of refused(sheet)) {
    const keys = [...sheet.values.keys()].filter(
      (key) => key === path || key.startsWith(`${path}.`) || path.startsWith(`${key}.`),
    );
    const from = [...sheet.reads].filter(([, decides]) => keys.some((key) => decides.has(key)));
    // Without its engine nothing is left of a launch; that problem stays.
    if (keys.length === 0 || from.length === 0 || path.startsWith("serving.engine.name")) continue;
    for (const key of keys) sheet.values.delete(key);
    for (const [setting] of from) {
      sheet.reads.delete(setting);
      sheet.unmodelled.set(setting, hint === undefined ? message : `${message}; ${hint}`);
    }
  }
}

function refused(sheet: Sheet): ReturnType<typeof refusals> {
  try {
    return refusals(scenarioFromValue(scenarioValue(sheet, "any", "serving")));
  } catch (error) {
    // What the language itself refuses is found again, and said on its line, when the scenario is checked.
    if (error instanceof ProblemError) return [];
    throw error;
  }
}
