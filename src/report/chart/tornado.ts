/** Tornado: what a little more and a little less of each resource does to one metric, the strongest first. */

import { beside } from "./beside.ts";
import { box, drawing, label, line, width } from "./svg.ts";

export interface Tornado {
  readonly type: "tornado";
  /** Relative change of the metric: `less` with less of the resource, `more` with more of it. */
  readonly rows: readonly { readonly label: string; readonly less: number; readonly more: number }[];
  readonly lessName: string;
  readonly moreName: string;
}

const left = 220;
const right = 20;
const rowHeight = 26;

export function drawTornado({ rows, lessName, moreName }: Tornado, title: string): string {
  const most = Math.max(...rows.flatMap(({ less, more }) => [Math.abs(less), Math.abs(more)]), 1e-9);
  const middle = left + (width - left - right) / 2;
  const room = (width - left - right) / 2 - 56;
  const x = (share: number): number => middle + (share / most) * room;
  const bottom = 30 + rows.length * rowHeight;
  const drawn = rows.map(({ label: name, less, more }, row) => {
    const y = 30 + row * rowHeight;
    const bar = (share: number, kind: string): string => {
      const from = Math.min(x(0), x(share));
      const piece = box({ x: from, y: y + 3, width: Math.abs(x(share) - x(0)), height: rowHeight - 10 }, kind);
      const side = share < 0 ? "end" : "start";
      return piece + label({ x: x(share) + (share < 0 ? -5 : 5), y: y + 15 }, signed(share), "small", side);
    };
    const bars = less === more ? [] : [less === 0 ? "" : bar(less, "c1"), more === 0 ? "" : bar(more, "c0")];
    return beside(name, { x: left - 10, y: y + 15 }, 29) + bars.join("");
  });
  const names =
    box({ x: left, y: 4, width: 10, height: 10 }, "c1") +
    label({ x: left + 15, y: 13 }, lessName, "small") +
    box({ x: left + 170, y: 4, width: 10, height: 10 }, "c0") +
    label({ x: left + 185, y: 13 }, moreName, "small");
  return drawing(bottom + 6, title, names, line({ x: middle, y: 24 }, { x: middle, y: bottom }, "axis"), ...drawn);
}

function signed(share: number): string {
  const percent = Math.round(share * 1000) / 10;
  return `${percent > 0 ? "+" : percent < 0 ? "−" : ""}${Math.abs(percent)} %`;
}
