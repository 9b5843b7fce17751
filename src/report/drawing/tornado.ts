/** A tornado: how far a metric moves when one thing at a time is less or more, the strongest on top. Data in, SVG out. */

import { box, label, line, type Placement, sheet, widthOf } from "./svg.ts";

/** One bar. */
export interface TornadoBar {
  readonly label: string;
  /** What it is at either end, in words: `360 GB/s`. */
  readonly less: string;
  readonly more: string;
  /** The metric there. */
  readonly atLess: number;
  readonly atMore: number;
}

export interface Tornado {
  readonly title: string;
  /** The metric as it is. */
  readonly value: number;
  /** The strongest first. */
  readonly bars: readonly TornadoBar[];
  /** Writes a value of the metric. */
  readonly shown: (value: number) => string;
}

const rowHeight = 30;
const barHeight = 18;
const top = 58;
const plotWidth = 420;
const margin = 16;

export function tornadoSvg({ title, value, bars, shown }: Tornado, placement: Placement = "file"): string {
  const names = Math.max(60, ...bars.map((bar) => widthOf(bar.label)));
  const ends = bars.flatMap(({ atLess, atMore }) => [atLess, atMore]);
  const reach = Math.max(1e-12, ...ends.map((end) => Math.abs(end - value)));
  const room = Math.max(50, ...[value - reach, value + reach].map((end) => widthOf(shown(end)))) + 8;
  const left = margin + names + 12 + room;
  const middle = left + plotWidth / 2;
  const x = (at: number): number => middle + ((at - value) / reach) * (plotWidth / 2);
  const bottom = top + rowHeight * bars.length;
  const rows = bars.flatMap((bar, index) => rowOf(bar, { y: top + rowHeight * index, x, value, names, shown }));
  const legend = bottom + 22;
  return sheet({ width: left + plotWidth + room + margin, height: legend + 14, title, placement }, [
    label(title, { x: margin, y: 22, weight: 600 }),
    label(`now ${shown(value)}`, { x: middle, y: top - 12, anchor: "middle", tone: "muted" }),
    ...rows,
    line(middle, top - 6, bottom),
    box({ x: middle - 70, y: legend - 10, width: 10, height: 10, colour: "less", note: "less of it" }),
    label("less of it", { x: middle - 56, y: legend, tone: "muted" }),
    box({ x: middle + 14, y: legend - 10, width: 10, height: 10, colour: "more", note: "more of it" }),
    label("more of it", { x: middle + 28, y: legend, tone: "muted" }),
  ]);
}

interface Row {
  readonly y: number;
  readonly x: (at: number) => number;
  readonly value: number;
  readonly names: number;
  readonly shown: (value: number) => string;
}

function rowOf(bar: TornadoBar, { y, x, value, names, shown }: Row): string[] {
  const inside = y + (rowHeight - barHeight) / 2;
  const side = (at: number, colour: "less" | "more", amount: string): string => {
    const [from, to] = [Math.min(x(at), x(value)), Math.max(x(at), x(value))];
    const note = `${bar.label}: ${amount} gives ${shown(at)}`;
    return box({ x: from, y: inside, width: to - from, height: barHeight, colour, note });
  };
  const [low, high] = [Math.min(bar.atLess, bar.atMore), Math.max(bar.atLess, bar.atMore)];
  const base = inside + barHeight - 4;
  return [
    label(bar.label, { x: margin + names, y: base, anchor: "end" }),
    side(bar.atLess, "less", bar.less),
    side(bar.atMore, "more", bar.more),
    label(shown(low), { x: Math.min(x(low), x(value)) - 6, y: base, anchor: "end", tone: "muted" }),
    label(shown(high), { x: Math.max(x(high), x(value)) + 6, y: base, tone: "muted" }),
  ];
}
