/** A step on its pipeline ranks: what each one does when. White is waiting. */

import { colour, drawing, element, label, legend, line, ticks, width } from "./svg.ts";

export interface TimelineChart {
  readonly type: "timeline";
  readonly lanes: readonly string[];
  readonly categories: readonly string[];
  readonly slices: readonly {
    readonly lane: number;
    readonly category: number;
    readonly start: number;
    readonly end: number;
  }[];
  readonly shown: (value: number) => string;
}

const left = 64;
const right = 40;

export function drawTimeline({ lanes, categories, slices, shown }: TimelineChart, title: string): string {
  const rowHeight = lanes.length > 10 ? 14 : 22;
  const most = slices.reduce((end, slice) => Math.max(end, slice.end), 0);
  const x = (time: number): number => left + (most === 0 ? 0 : (time / most) * (width - left - right));
  const bottom = 6 + lanes.length * rowHeight;
  const grid = ticks(most).map(
    (tick) =>
      line({ x: x(tick), y: 2 }, { x: x(tick), y: bottom }, "grid") +
      label({ x: x(tick), y: bottom + 14 }, shown(tick), "small", "middle"),
  );
  const names = lanes.map((name, lane) =>
    label({ x: left - 8, y: 6 + lane * rowHeight + rowHeight - 7 }, name, "small", "end"),
  );
  // One path a category: a step has thousands of slices, and an element for each makes a heavy page.
  const paths = categories.map((_, category) => {
    const d = slices
      .filter((slice) => slice.category === category)
      .map(({ lane, start, end }) => {
        const [from, to] = [tenth(x(start)), tenth(x(end))];
        return `M${from} ${6 + lane * rowHeight}H${to}v${rowHeight - 4}H${from}z`;
      });
    return element("path", { d: d.join(""), class: colour(category) });
  });
  const below = legend(categories, bottom + 36);
  return drawing(below.bottom, title, ...grid, ...names, ...paths, below.marks);
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
