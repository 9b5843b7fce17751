/** A study read, with its space, its points by key and the files that they need. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import { type Files, locate, parseStudy, type StudySource } from "../../scenario/index.ts";
import {
  isExhaustive,
  keyMaker,
  marginOf,
  pointsAreSearches,
  type Shared,
  type Space,
  sampled,
  samplingOf,
  spaceFiles,
  spaceOf,
} from "../../search/study/index.ts";
import type { Host } from "../host.ts";

/** One point of the design. */
export interface Planned {
  readonly key: string;
  readonly values: readonly unknown[];
}

export interface StudyInput {
  readonly source: StudySource;
  readonly space: Space;
  readonly shared: Shared;
  readonly sampling: ReturnType<typeof samplingOf>;
  /** Each point once, in the order of the design. An evolutionary search adds to them. */
  readonly points: Planned[];
  /** Points in all: those of the design, or what a search may look at. */
  readonly planned: number;
  /** Names a point by its content. */
  readonly key: (values: readonly unknown[]) => string;
}

export interface StudyChoice {
  readonly points?: number | undefined;
  readonly seed?: number | undefined;
}

/** Rejects with a ProblemError: mistakes of the study, of its space, files that cannot be read. */
export async function readStudy(path: string, { points, seed }: StudyChoice, host: Host): Promise<StudyInput> {
  const source = parseStudy(await host.read(path), { file: path === "-" ? "stdin" : path });
  const sampling = samplingOf(source, {
    ...(points === undefined ? {} : { points }),
    ...(seed === undefined ? {} : { seed }),
  });
  const space = spaceOf(source, sampling.method);
  const files = await filesOf(space, { source, path }, host);
  const margin = pointsAreSearches(space) ? marginOf(source) : undefined;
  const shared = {
    base: space.base,
    fields: space.axes.map(({ keys }) => keys),
    files,
    ...(margin === undefined ? {} : { memoryMargin: margin }),
  };
  const key = keyMaker(shared);
  const drawn = sampled(space.axes, sampling).map((values) => [key(values), values] as const);
  const unique = [...new Map(drawn.toReversed()).entries()].toReversed();
  const design = unique.map(([name, values]) => ({ key: name, values }));
  const bred = sampling.method === "evolutionary" && !isExhaustive(space.axes, sampling);
  return { source, space, shared, sampling, points: design, planned: bred ? sampling.points : design.length, key };
}

async function filesOf(
  space: Space,
  { source, path }: { readonly source: StudySource; readonly path: string },
  host: Host,
): Promise<Files> {
  const files: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const needed of spaceFiles(space)) {
    try {
      files[needed] = await host.read(needed, path === "-" ? undefined : path);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const hint = "a path is meant from the folder of the study";
      problems.push(...error.problems.map((problem) => locate({ hint, ...problem }, source.places)));
    }
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return files;
}
