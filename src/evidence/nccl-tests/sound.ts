/** A run without the sizes at which elements came out wrong: how long that took says nothing of the collective. */

import type { Problem } from "../../base/problem.ts";
import { formatQuantity } from "../../base/quantity.ts";
import type { NcclRun } from "./run.ts";

export interface SoundRun {
  /** Absent where no size is left. */
  readonly run?: NcclRun;
  readonly left: readonly Problem[];
}

export function soundRun(run: NcclRun): SoundRun {
  const points = run.points.filter(({ wrong }) => wrong === 0);
  const left = run.points
    .filter(({ wrong }) => wrong > 0)
    .map(({ size, wrong, line }): Problem => {
      const message = `${wrong} elements came out wrong at ${formatQuantity(size, "bytes", "binary")}: not used`;
      return { path: "", message, location: { file: run.file, line, column: 1 } };
    });
  return points.length === 0 ? { left } : { run: { ...run, points }, left };
}
