/** A curve over size, both axes by factors of two, beside the line of perfect scaling. */

import { log2 } from "../../base/math.ts";
import { drawing, element, label, line, path, width } from "./svg.ts";

export interface Scaling {
  readonly type: "scaling";
  readonly points: readonly { readonly x: number; readonly y: number; readonly here?: true }[];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xShown: (value: number) => string;
  readonly yShown: (value: number) => string;
}

const left = 84;
/** Room for the words at the last point. */
const right = 104;
const top = 26;
const height = 240;

export function drawScaling(chart: Scaling, title: string): string {
  const { points, xTitle, yTitle, xShown, yShown } = chart;
  const here = points.find((point) => point.here) ?? points[0];
  if (here === undefined) throw new RangeError("a curve without points");
  const ideal = points.map(({ x }) => ({ x, y: (here.y * x) / here.x }));
  const all = [...points, ...ideal];
  const x = scale(
    all.map((point) => point.x),
    left,
    width - right,
  );
  const y = scale(
    all.map((point) => point.y),
    top + height,
    top,
  );
  const at = (point: { readonly x: number; readonly y: number }) => ({ x: x(point.x), y: y(point.y) });
  const marks = points.map((point, index) => {
    const place = at(point);
    // Words stand off the curve: below where it rises on, above where it falls.
    const falls = (points[index + 1] ?? point).y < point.y || point.y < (points[index - 1] ?? point).y;
    const dot = element("circle", { cx: place.x, cy: place.y, r: point.here ? 6 : 4, class: "c0" });
    const share = Math.round((point.y / ((here.y * point.x) / here.x)) * 100);
    const words = `${yShown(point.y)}${point.here ? "" : `, ${share} %`}`;
    return (
      dot +
      label(
        { x: place.x + (falls ? 4 : 10), y: place.y + (falls ? -12 : Math.min(20, top + height - 6 - place.y)) },
        words,
        "small halo",
      ) +
      line({ x: place.x, y: top + height }, { x: place.x, y: top + height + 5 }, "axis") +
      label({ x: place.x, y: top + height + 18 }, xShown(point.x), "small", "middle")
    );
  });
  const floor = top + height;
  return drawing(
    floor + 44,
    title,
    label({ x: 0, y: 12 }, yTitle, "small"),
    label({ x: width - right, y: floor + 38 }, xTitle, "small", "end"),
    line({ x: left - 20, y: floor }, { x: width - right, y: floor }, "axis"),
    path(ideal.map(at), "ideal"),
    path(points.map(at), "curve"),
    ...marks,
  );
}

/** A scale by factors from one end to the other, with air at both. */
export function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const logs = values.filter((value) => value > 0).map(log2);
  const [low, high] = [Math.min(...logs) - 0.2, Math.max(...logs) + 0.2];
  return (value) => from + ((log2(value) - low) / (high - low)) * (to - from);
}
