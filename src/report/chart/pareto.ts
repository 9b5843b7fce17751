/** Designs by two metrics of which less is better: those that none beats in both are joined, limits are drawn. */

import { axisTicks, drawing, element, label, line, type Place, path, width } from "./svg.ts";

export interface ParetoChart {
  readonly type: "pareto";
  readonly points: readonly {
    readonly label: string;
    readonly x: number;
    readonly y: number;
    /** 90 % intervals, where measured runs give one. */
    readonly xRange?: readonly [number, number];
    readonly yRange?: readonly [number, number];
    readonly chosen?: true;
  }[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xShown: (value: number) => string;
  readonly yShown: (value: number) => string;
  readonly xLimit?: number;
  readonly yLimit?: number;
  /** Whether the metric across, and that upwards, is a time. */
  readonly xTime?: true;
  readonly yTime?: true;
}

const left = 84;
const right = 24;
const top = 24;
const height = 250;

export function drawPareto(chart: ParetoChart, title: string): string {
  const { points, xTitle, yTitle, xShown, yShown, xLimit, yLimit } = chart;
  const floor = top + height;
  const [across, upward] = [extentOf("x", chart), extentOf("y", chart)];
  const x = (value: number): number => left + share(value, across) * (width - left - right);
  const y = (value: number): number => floor - share(value, upward) * height;
  const grid = [
    ...axisTicks({ ...across, time: chart.xTime === true }).map(
      (tick) =>
        line({ x: x(tick), y: top }, { x: x(tick), y: floor }, "grid") +
        label({ x: x(tick), y: floor + 16 }, xShown(tick), "small", "middle"),
    ),
    ...axisTicks({ ...upward, time: chart.yTime === true }).map(
      (tick) =>
        line({ x: left, y: y(tick) }, { x: width - right, y: y(tick) }, "grid") +
        label({ x: left - 8, y: y(tick) + 4 }, yShown(tick), "small", "end"),
    ),
  ];
  const limits = [
    xLimit === undefined ? "" : line({ x: x(xLimit), y: top }, { x: x(xLimit), y: floor }, "limit"),
    yLimit === undefined ? "" : line({ x: left, y: y(yLimit) }, { x: width - right, y: y(yLimit) }, "limit"),
    xLimit === undefined ? "" : label({ x: x(xLimit) + 5, y: top + 10 }, `at most ${xShown(xLimit)}`, "small"),
    yLimit === undefined ? "" : label({ x: left + 6, y: y(yLimit) - 5 }, `at most ${yShown(yLimit)}`, "small"),
  ];
  const front = points
    .filter((one) => !points.some((other) => other !== one && other.x <= one.x && other.y <= one.y))
    .sort((one, other) => one.x - other.x)
    .map((point) => ({ x: x(point.x), y: y(point.y) }));
  const names = apart(points.map((point) => ({ x: x(point.x), y: y(point.y) - 9 })));
  const marks = points.map((point, index) => mark(point, { x, y, name: names[index] ?? 0 }));
  const titles = [
    label({ x: 0, y: 12 }, yTitle, "small"),
    label({ x: width - right, y: floor + 36 }, xTitle, "small", "end"),
  ];
  const joined = front.length > 1 ? path(front, "ideal") : "";
  return drawing(floor + 44, title, ...grid, ...limits, joined, ...marks, ...titles);
}

interface Extent {
  readonly least: number;
  readonly most: number;
}

function extentOf(axis: "x" | "y", { points, xLimit, yLimit }: ParetoChart): Extent {
  const limit = axis === "x" ? xLimit : yLimit;
  const own = [...points.map((point) => point[axis]), ...(limit === undefined ? [] : [limit])];
  return extent(
    own,
    points.flatMap(({ xRange, yRange }) => (axis === "x" ? xRange : yRange) ?? []),
  );
}

/**
 * From nothing on, or where all lie far above nothing from a little below the least. An interval that reaches far beyond
 * all designs and limits is cut at the edge: it would press them into a corner.
 */
function extent(values: readonly number[], ranges: readonly number[]): Extent {
  const low = Math.min(...values, ...ranges);
  const high = Math.min(Math.max(...values, ...ranges), beyondMost * Math.max(...values));
  const air = 0.12 * (high - low);
  return low < 0.4 * high ? { least: 0, most: 1.12 * high } : { least: low - air, most: high + air };
}

const beyondMost = 2.5;

/** One point alone lies in the middle. */
function share(value: number, { least, most }: Extent): number {
  return most > least ? Math.min(1, (value - least) / (most - least)) : 0.5;
}

/** Heights of names, from the top: those that would lie on one another move down. */
function apart(places: readonly Place[]): readonly number[] {
  const order = places.map((_, index) => index).sort((a, b) => (places[a]?.y ?? 0) - (places[b]?.y ?? 0));
  const heights = places.map(({ y }) => y);
  order.forEach((index, rank) => {
    for (const above of order.slice(0, rank)) {
      const near = Math.abs((places[above]?.x ?? 0) - (places[index]?.x ?? 0)) < nameWidth;
      const least = (heights[above] ?? 0) + lineHeight;
      if (near && (heights[index] ?? 0) < least) heights[index] = least;
    }
  });
  return heights;
}

const nameWidth = 200;
const lineHeight = 15;

interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** Height of its name. */
  readonly name: number;
}

function mark(point: ParetoChart["points"][number], { x, y, name: height }: Scales): string {
  const place = { x: x(point.x), y: y(point.y) };
  const kind = point.chosen ? "c0" : "c7";
  const whiskers = [
    point.xRange === undefined
      ? ""
      : line({ x: x(point.xRange[0]), y: place.y }, { x: x(point.xRange[1]), y: place.y }, "whisker"),
    point.yRange === undefined
      ? ""
      : line({ x: place.x, y: y(point.yRange[0]) }, { x: place.x, y: y(point.yRange[1]) }, "whisker"),
  ];
  const dot = element("circle", { cx: place.x, cy: place.y, r: point.chosen ? 7 : 5, class: kind });
  const leftwards = place.x > width - 190;
  const side = leftwards ? "end" : "start";
  const name = { x: place.x + (leftwards ? -10 : 10), y: height };
  return whiskers.join("") + dot + label(name, point.label, point.chosen ? "value halo" : "label halo", side);
}
