/** A tornado for a terminal: bars to either side of the metric as it is. */

import type { TornadoAnswer } from "../../../src/operations/tornado.ts";
import { shownMetric } from "../../../src/search/study/index.ts";
import type { View } from "../view.ts";

export function tornadoLines({ metric, unit, value, swing, bars, file }: TornadoAnswer, view: View): string[] {
  const share = `${Number((100 * swing).toPrecision(3))} %`;
  const lines = [
    view.bold(`${metric} ${shownMetric(value, unit)} with each resource alone ${share} less (░) and more (█)`),
  ];
  if (bars.length === 0) return [...lines, "  no resource moves it"];
  const ends = bars.flatMap(({ less, more }) => [less.value, more.value]);
  const reach = Math.max(...ends.map((end) => Math.abs(end - value)));
  const names = Math.max(...bars.map(({ label }) => label.length));
  const texts = ends.map((end) => shownMetric(end, unit));
  const room = Math.max(...texts.map(({ length }) => length));
  const half = Math.max(6, Math.min(24, Math.floor((view.width - names - 2 * room - 8) / 2)));
  const cells = (at: number): number => Math.round((Math.abs(at - value) / reach) * half);
  for (const { label, less, more } of bars) {
    const marks = [
      { at: less.value, mark: "░" },
      { at: more.value, mark: "█" },
    ];
    const side = (below: "below" | "above"): string => {
      const here = marks.filter(({ at }) => (below === "below" ? at < value : at > value));
      // Both on one side: the longer one is drawn, the shorter over its beginning.
      const long = [...here].sort((a, b) => cells(b.at) - cells(a.at));
      const [first, second] = long;
      if (first === undefined) return "";
      const inner = second === undefined ? 0 : cells(second.at);
      const text = (second?.mark ?? "").repeat(inner) + first.mark.repeat(cells(first.at) - inner);
      return below === "below" ? [...text].reverse().join("") : text;
    };
    const [low, high] = [Math.min(less.value, more.value), Math.max(less.value, more.value)];
    const left = `${shownMetric(low, unit).padStart(room)} ${side("below").padStart(half)}`;
    const right = `${side("above").padEnd(half)} ${shownMetric(high, unit)}`;
    lines.push(`  ${label.padEnd(names)}  ${left}│${right}`);
  }
  if (file !== undefined) lines.push("", `  drawn in ${file}`);
  return lines;
}
