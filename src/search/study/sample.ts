/** Designs of experiment: which points of a space are looked at. */

import { exp, log } from "../../base/math.ts";
import { ProblemError } from "../../base/problem.ts";
import { type RandomStream, random } from "../../base/random.ts";
import type { SamplingMethod } from "../../scenario/index.ts";
import { type Axis, drawn, isContinuous } from "./space.ts";

export interface Sampling {
  readonly method: SamplingMethod;
  /** Points to draw; a grid has what it has. */
  readonly points: number;
  readonly seed: number;
}

/** More points than this in one study are a slip. */
export const pointsMost = 1_000_000;

/** Values of every axis, point by point; of an evolutionary search, its first generation. @throws ProblemError where a grid has too many. */
export function sampled(axes: readonly Axis[], sampling: Sampling): readonly (readonly unknown[])[] {
  switch (sampling.method) {
    case "grid":
      return grid(axes);
    case "random":
      return byAxis(axes, sampling, (stream) => () => stream.uniform());
    case "latin-hypercube":
      return byAxis(axes, sampling, strata(sampling.points));
    case "evolutionary": {
      if (isExhaustive(axes, sampling)) return grid(axes);
      const points = generationSize(sampling.points);
      return byAxis(axes, { ...sampling, points }, strata(points));
    }
  }
}

/** Whether every combination is looked at: those of a grid, and those of a search that has room for all. */
export function isExhaustive(axes: readonly Axis[], { method, points }: Sampling): boolean {
  return method === "grid" || (method === "evolutionary" && gridSize(axes) <= points);
}

/** Points that are bred at once, and that stay as parents. */
export function generationSize(points: number): number {
  return Math.min(points, Math.max(8, Math.min(256, 2 * Math.round(Math.sqrt(points)))));
}

/** Number of points of the full grid. */
export function gridSize(axes: readonly Axis[]): number {
  return axes.reduce(
    (product, { values }) => product * (isContinuous(values) ? Number.POSITIVE_INFINITY : values.length),
    1,
  );
}

/** Every combination; the last axis changes fastest. */
function grid(axes: readonly Axis[]): readonly (readonly unknown[])[] {
  const size = gridSize(axes);
  if (size > pointsMost) {
    const hint = "fewer values, or sampling: { method: evolutionary, points: 10000 }, or latin-hypercube";
    throw new ProblemError([{ path: "vary", message: `the grid has ${size} points; ${pointsMost} is the most`, hint }]);
  }
  let points: (readonly unknown[])[] = [[]];
  for (const { values } of axes) {
    const levels = isContinuous(values) ? [] : values;
    points = points.flatMap((before) => levels.map((value) => [...before, value]));
  }
  return points;
}

/** Each axis draws from a stream of its own, so that a further axis leaves the others as they are. */
function byAxis(
  axes: readonly Axis[],
  { points, seed }: Sampling,
  quantiles: (stream: RandomStream) => (index: number) => number,
): readonly (readonly unknown[])[] {
  const streams = random(seed);
  const columns = axes.map((axis) => {
    const quantile = quantiles(streams.stream(`study/${axis.path}`));
    return Array.from({ length: points }, (_, index) => valueAt(axis, quantile(index)));
  });
  return Array.from({ length: points }, (_, index) => columns.map((column) => column[index]));
}

/**
 * Every axis is cut into as many strata of equal probability as there are points, and each is drawn from once.
 * @source mckay-1979 Section 2
 */
function strata(points: number): (stream: RandomStream) => (index: number) => number {
  return (stream) => {
    const order = stream.shuffle(Array.from({ length: points }, (_, index) => index));
    return (index) => ((order[index] as number) + stream.uniform()) / points;
  };
}

/** The value below which a share of the axis lies. */
export function valueAt(axis: Axis, share: number): unknown {
  const { values, whole } = axis;
  if (!isContinuous(values)) return values[Math.min(values.length - 1, Math.floor(share * values.length))];
  const { from, to, spacing } = values;
  // Whole numbers have the room of one each, the last as much as the first.
  const end = whole === "whole" ? to + 1 : to;
  const number = spacing === "even" ? from + (end - from) * share : from * exp(log(end / from) * share);
  return drawn(axis, whole === "whole" ? Math.min(to, Math.floor(number)) : number);
}
