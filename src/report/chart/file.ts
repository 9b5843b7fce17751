/** A chart as a file of its own: a heading, and the colours that a page would give it, light and dark. */

import { type Chart, draw } from "./index.ts";
import { chartStyle, dark, light } from "./style.ts";
import { element, label, width } from "./svg.ts";

const margin = 20;
const heading = 44;

export function chartFile(chart: Chart, title: string): string {
  const drawn = draw(chart, title);
  const height = Number(/^<svg viewBox="0 0 \d+ (\d+)"/.exec(drawn)?.[1]);
  if (!Number.isFinite(height)) throw new Error("a drawing says its height first");
  const size = { width: width + 2 * margin, height: heading + height + margin };
  const style =
    `svg{color-scheme:light dark;${light}font:13px system-ui,"Segoe UI",Helvetica,Arial,sans-serif}` +
    `@media (prefers-color-scheme:dark){svg{${dark}}}.paper{fill:var(--paper)}.heading{fill:var(--ink);font-size:15px;font-weight:600}` +
    chartStyle;
  const inner = drawn.replace("<svg ", `<svg x="${margin}" y="${heading}" width="${width}" height="${height}" `);
  return `${element(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${size.width} ${size.height}`, ...size },
    element("style", {}, style.replaceAll("\n", "")),
    element("rect", { ...size, class: "paper" }),
    label({ x: margin, y: 28 }, title, "heading"),
    inner,
  )}\n`;
}
