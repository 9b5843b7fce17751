/** A step on its pipeline ranks: what each one does when. White is waiting. */

import { box, colour, drawing, label, legend, line, ticks, width } from "./svg.ts";

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
  const rowHeight = lanes.length > 10 ? 14 : 20;
  const most = slices.reduce((end, slice) => Math.max(end, slice.end), 0);
  const x = (time: number): number => left + (most === 0 ? 0 : (time / most) * (width - left - right));
  const bottom = 6 + lanes.length * rowHeight;
  const grid = ticks(most).map(
    (tick) =>
      line({ x: x(tick), y: 2 }, { x: x(tick), y: bottom }, "grid") +
      label({ x: x(tick), y: bottom + 14 }, shown(tick), "small", "middle"),
  );
  const names = lanes.map((name, lane) =>
    label({ x: left - 8, y: 6 + lane * rowHeight + rowHeight - 5 }, name, "small", "end"),
  );
  const pieces = slices.map(({ lane, category, start, end }) =>
    box(
      { x: x(start), y: 6 + lane * rowHeight, width: x(end) - x(start), height: rowHeight - 3 },
      `${colour(category)} slice`,
    ),
  );
  const below = legend(categories, bottom + 36);
  return drawing(below.bottom, title, ...grid, ...names, ...pieces, below.marks);
}
