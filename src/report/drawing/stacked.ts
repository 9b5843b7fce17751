/** Bars of the same parts side by side: what each design spends its time on. Data in, SVG out. */

import { box, type Colour, label, type Placement, sheet, widthOf } from "./svg.ts";

export interface StackedBar {
  readonly label: string;
  /** Parts by name; what a bar lacks is absent. */
  readonly parts: Readonly<Record<string, number>>;
}

export interface Stacked {
  readonly title: string;
  readonly bars: readonly StackedBar[];
  /** Names of the parts in the order in which they are stacked. */
  readonly parts: readonly { readonly name: string; readonly label: string }[];
  /** Writes a value. */
  readonly shown: (value: number) => string;
}

const rowHeight = 40;
const barHeight = 24;
const top = 44;
const plotWidth = 520;
const margin = 16;
const legendWidth = 270;

const series = ["series0", "series1", "series2", "series3", "series4", "series5"] as const;

export function stackedSvg({ title, bars, parts, shown }: Stacked, placement: Placement = "file"): string {
  const names = Math.max(40, ...bars.map((bar) => widthOf(bar.label)));
  const totalOf = ({ parts: own }: StackedBar): number => Object.values(own).reduce((sum, each) => sum + each, 0);
  const most = Math.max(1e-12, ...bars.map(totalOf));
  const left = margin + names + 12;
  const rows = bars.flatMap((bar, index) => {
    const y = top + rowHeight * index;
    let from = left;
    const boxes = parts.flatMap(({ name, label: text }, place) => {
      const value = bar.parts[name] ?? 0;
      if (value <= 0) return [];
      const width = (value / most) * plotWidth;
      const drawn = box({
        x: from,
        y,
        width,
        height: barHeight,
        colour: colourOf(place),
        note: `${text}: ${shown(value)}`,
      });
      from += width;
      return [drawn];
    });
    const base = y + barHeight - 7;
    return [
      label(bar.label, { x: left - 8, y: base, anchor: "end" }),
      ...boxes,
      label(shown(totalOf(bar)), { x: from + 8, y: base, tone: "muted" }),
    ];
  });
  const width = left + plotWidth + 90 + margin;
  const columns = Math.max(1, Math.floor((width - 2 * margin) / legendWidth));
  const legendTop = top + rowHeight * bars.length + 12;
  const legend = parts.flatMap(({ label: text }, place) => {
    const x = margin + (place % columns) * legendWidth;
    const y = legendTop + Math.floor(place / columns) * 20;
    return [
      box({ x, y: y - 10, width: 10, height: 10, colour: colourOf(place), note: text }),
      label(text, { x: x + 16, y, tone: "muted" }),
    ];
  });
  const height = legendTop + Math.ceil(parts.length / columns) * 20 + 6;
  const head = label(title, { x: margin, y: 22, weight: 600 });
  return sheet({ width, height, title, placement }, [head, ...rows, ...legend]);
}

function colourOf(place: number): Colour {
  return series[place % series.length] ?? "series0";
}
