/** The chart of a training step, where it is small enough to be read. */

import type { DesignOf } from "../scenario/index.ts";
import { shownMetric } from "../search/study/index.ts";
import { sliceCount, trainingTimeline } from "../training/index.ts";
import type { TimelineChart } from "./chart/index.ts";

/** Beyond this nobody makes out a slice. */
const slicesMost = 3000;
const lanesMost = 8;
/** A simulation of more takes seconds. */
const simulatedMost = 100_000;

const categories = ["forward", "backward", "input-gradient", "weight-gradient", "overlapped", "update"] as const;

/** Undefined without a pipeline, or where a step has too many slices. */
export function timelineOf({ training }: DesignOf<"training">): TimelineChart | undefined {
  const { pipeline } = training.case.layout;
  if (pipeline < 2 || sliceCount(training.case) > simulatedMost) return undefined;
  const chosen = evenly(pipeline);
  const slices = trainingTimeline(training.case).filter(({ lane }) => chosen.includes(lane));
  if (slices.length > slicesMost) return undefined;
  const used = categories.filter((name) => slices.some(({ category }) => category === name));
  return {
    type: "timeline",
    lanes: chosen.map((lane) => `rank ${lane}`),
    categories: used.map((name) => name.replace("-", " ")),
    slices: slices.map(({ lane, category, start, duration }) => ({
      lane: chosen.indexOf(lane),
      category: used.indexOf(category),
      start,
      end: start + duration,
    })),
    shown: (value) => shownMetric(value, "s"),
  };
}

/** The first rank, the last, and those between at even distances. */
function evenly(ranks: number): readonly number[] {
  const drawn = Math.min(ranks, lanesMost);
  return Array.from({ length: drawn }, (_, index) => Math.round((index * (ranks - 1)) / (drawn - 1)));
}
