/** The points of a study as they become known: all at once, or one generation after another. */

import { Evolution, isExhaustive, type Row, wantsOf } from "../../search/study/index.ts";
import type { Finished } from "./folder.ts";
import type { Planned, StudyInput } from "./read.ts";

/** What gives the tasks of the next generation; finished ones among them are in the design, and not handed out again. */
export function generations(study: StudyInput, finished: Finished): () => readonly Planned[] {
  const { space, sampling, source, points, key } = study;
  if (sampling.method !== "evolutionary" || isExhaustive(space.axes, sampling)) return () => [];
  const evolution = new Evolution({ axes: space.axes, sampling, key });
  let from = 0;
  return () => {
    for (;;) {
      const last = rowsOf(points.slice(from), finished, from);
      from = points.length;
      const bred = evolution.next(last, wantsOf(source, finished.units));
      points.push(...bred);
      const missing = bred.filter((each) => !finished.outcomes.has(each.key));
      if (bred.length === 0 || missing.length > 0) return missing;
    }
  };
}

/** Points with what came of them, numbered from `first`; those that are not finished are left out. */
export function rowsOf(points: readonly Planned[], { outcomes }: Finished, first = 0): readonly Row[] {
  return points.flatMap(({ key, values }, index): Row[] => {
    const outcome = outcomes.get(key);
    return outcome === undefined ? [] : [{ point: first + index, key, values, outcome }];
  });
}
