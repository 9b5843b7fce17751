/** Bars of parts, one a design: what a step or a wait is made of, at one scale. */

import { beside } from "./beside.ts";
import { axisTicks, box, colour, drawing, label, legend, line, width } from "./svg.ts";

export interface StackedBars {
  readonly type: "stacked";
  readonly parts: readonly string[];
  readonly bars: readonly { readonly label: string; readonly values: readonly number[] }[];
  readonly shown: (value: number) => string;
  /** Whether the values are seconds. */
  readonly time?: true;
}

const left = 190;
const right = 70;
const rowHeight = 34;

export function drawStacked({ parts, bars, shown, time }: StackedBars, title: string): string {
  const totals = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const most = Math.max(...totals, 0);
  const room = width - left - right;
  const x = (value: number): number => left + (most === 0 ? 0 : (value / most) * room);
  const bottom = 8 + bars.length * rowHeight;
  const grid = axisTicks({ most, time: time === true }).map(
    (tick) =>
      line({ x: x(tick), y: 4 }, { x: x(tick), y: bottom }, "grid") +
      label({ x: x(tick), y: bottom + 14 }, shown(tick), "small", "middle"),
  );
  const rows = bars.map(({ label: name, values }, row) => {
    const y = 8 + row * rowHeight;
    let start = 0;
    const pieces = values.map((value, index) => {
      const piece = { x: x(start), y: y + 3, width: x(start + value) - x(start), height: rowHeight - 12 };
      start += value;
      return value > 0 ? box(piece, colour(index), `${parts[index]}: ${shown(value)}`) : "";
    });
    const total = label({ x: x(start) + 6, y: y + 18 }, shown(totals[row] ?? 0), "value");
    return beside(name, { x: left - 10, y: y + 18 }, 25) + pieces.join("") + total;
  });
  const names = legend(parts, bottom + 38);
  return drawing(names.bottom, title, ...grid, ...rows, names.marks);
}
