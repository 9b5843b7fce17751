/**
 * What charts share: escaped text, colours as CSS variables with a light default, numbers of few digits. A chart by itself
 * carries its colours for light and dark; inside of a page (`inline`) it takes the page's variables of the same names.
 */

export type Placement = "file" | "inline";

/** Colours by name: light, dark. A page may set them as `--chart-<name>`. */
const colours = {
  ink: ["#1c2733", "#e6ebf0"],
  muted: ["#5b6773", "#9aa7b4"],
  grid: ["#dde3e9", "#38424d"],
  paper: ["#ffffff", "#14191f"],
  more: ["#2b6cb0", "#63a4e8"],
  less: ["#c46a1b", "#f0a35e"],
  series0: ["#2b6cb0", "#63a4e8"],
  series1: ["#c46a1b", "#f0a35e"],
  series2: ["#3d8f6b", "#6cc79e"],
  series3: ["#8a5fb5", "#b895df"],
  series4: ["#b8496b", "#e8839f"],
  series5: ["#7a8793", "#a9b4be"],
} as const;

export type Colour = keyof typeof colours;

/** A colour as CSS. */
export function colour(name: Colour): string {
  return `var(--chart-${name},${colours[name][0]})`;
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A coordinate with at most two digits behind the point. */
export function place(value: number): string {
  return String(Number(value.toFixed(2)));
}

export interface Sheet {
  readonly width: number;
  readonly height: number;
  /** Read out by screen readers. */
  readonly title: string;
  readonly placement: Placement;
}

/** The drawing around its parts. */
export function sheet({ width, height, title, placement }: Sheet, parts: readonly string[]): string {
  const file = placement === "file";
  const variables = (index: 0 | 1): string =>
    Object.entries(colours)
      .map(([name, pair]) => `--chart-${name}:${pair[index]}`)
      .join(";");
  const style = file
    ? `<style>svg{${variables(0)}}@media (prefers-color-scheme:dark){svg{${variables(1)}}}</style>`
    : "";
  const paper = file ? `<rect width="100%" height="100%" style="fill:${colour("paper")}"/>` : "";
  const size = `viewBox="0 0 ${place(width)} ${place(height)}" width="${place(width)}" height="${place(height)}"`;
  const font = "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:13px";
  const head = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" style="${font};max-width:100%;height:auto">`;
  return [head, `<title>${escaped(title)}</title>`, `${style}${paper}`, ...parts, "</svg>", ""]
    .filter((line, index, all) => line !== "" || index === all.length - 1)
    .join("\n");
}

export interface Label {
  readonly x: number;
  readonly y: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly tone?: "ink" | "muted";
  readonly weight?: 400 | 600;
}

export function label(text: string, { x, y, anchor = "start", tone = "ink", weight = 400 }: Label): string {
  const style = `fill:${colour(tone)}${weight === 400 ? "" : `;font-weight:${weight}`}`;
  return `<text x="${place(x)}" y="${place(y)}" text-anchor="${anchor}" style="${style}">${escaped(text)}</text>`;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly colour: Colour;
  /** Shown where the pointer rests. */
  readonly note: string;
}

export function box({ x, y, width, height, colour: name, note }: Box): string {
  const size = `x="${place(x)}" y="${place(y)}" width="${place(width)}" height="${place(height)}"`;
  return `<rect ${size} style="fill:${colour(name)}"><title>${escaped(note)}</title></rect>`;
}

export function line(x: number, from: number, to: number): string {
  return `<path d="M${place(x)} ${place(from)}V${place(to)}" style="stroke:${colour("grid")};fill:none"/>`;
}

/** Room that a text takes, about. */
export function widthOf(text: string): number {
  return 7.1 * text.length;
}
