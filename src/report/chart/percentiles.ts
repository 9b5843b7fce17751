/** Waits of requests by share: a curve for each kind of wait, from the median to the slowest hundredth, with its target. */

import { drawing, element, label, line, path, ticks, width } from "./svg.ts";

export interface PercentileChart {
  readonly type: "percentiles";
  readonly series: readonly {
    readonly label: string;
    readonly points: readonly { readonly share: number; readonly value: number }[];
    readonly targets: readonly { readonly share: number; readonly value: number }[];
  }[];
  readonly shown: (value: number) => string;
}

const left = 84;
const panelHeight = 120;

export function drawPercentiles({ series, shown }: PercentileChart, title: string): string {
  const panelWidth = (width - 20) / 2;
  const panels = series.map((each, index) => {
    const origin = { x: (index % 2) * (panelWidth + 20), y: Math.floor(index / 2) * (panelHeight + 64) };
    return panel(each, { ...origin, width: panelWidth }, shown);
  });
  return drawing(Math.ceil(series.length / 2) * (panelHeight + 64), title, ...panels);
}

function panel(
  { label: name, points, targets }: PercentileChart["series"][number],
  at: { readonly x: number; readonly y: number; readonly width: number },
  shown: (value: number) => string,
): string {
  const top = at.y + 26;
  const floor = top + panelHeight;
  const start = at.x + left - 20;
  const end = at.x + at.width - 20;
  const most = 1.1 * Math.max(...points.map(({ value }) => value), ...targets.map(({ value }) => value));
  const y = (value: number): number => floor - (value / most) * panelHeight;
  const shares = points.map(({ share }) => share);
  // Even steps: the slow tail is what targets are about.
  const x = (share: number): number => {
    const index = shares.indexOf(share);
    return start + 16 + (index / Math.max(1, shares.length - 1)) * (end - start - 32);
  };
  const grid = ticks(most, 3).map(
    (tick) =>
      line({ x: start, y: y(tick) }, { x: end, y: y(tick) }, "grid") +
      label({ x: start - 6, y: y(tick) + 4 }, shown(tick), "small", "end"),
  );
  const dots = points.map(
    ({ share, value }) =>
      element("circle", { cx: x(share), cy: y(value), r: 4, class: "c0" }) +
      label({ x: x(share), y: floor + 16 }, `p${Math.round(share * 100)}`, "small", "middle"),
  );
  const limits = targets
    .filter(({ share }) => shares.includes(share))
    .map(
      ({ share, value }) =>
        line({ x: x(share) - 18, y: y(value) }, { x: x(share) + 18, y: y(value) }, "limit") +
        label({ x: x(share) - 22, y: y(value) + 4 }, "target", "small", "end"),
    );
  const curve = path(
    points.map(({ share, value }) => ({ x: x(share), y: y(value) })),
    "curve",
  );
  return [label({ x: at.x, y: at.y + 12 }, name, "value"), ...grid, curve, ...dots, ...limits].join("");
}
