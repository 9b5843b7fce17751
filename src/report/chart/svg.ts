/** SVG as text: elements, escaped text, numbers with two decimals at most. Colours are classes that the page defines. */

export type Attributes = Readonly<Record<string, string | number>>;

/** Text that is safe in HTML, SVG and attributes. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

export function element(name: string, attributes: Attributes, ...inside: readonly string[]): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? short(value) : escaped(value)}"`)
    .join("");
  return inside.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${inside.join("")}</${name}>`;
}

/** Two decimals are finer than any screen. */
function short(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`a coordinate of ${value}`);
  return String(Math.round(value * 100) / 100);
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export function label({ x, y }: Place, text: string, kind: string = "label", anchor = "start"): string {
  return element("text", { x, y, class: kind, "text-anchor": anchor }, escaped(text));
}

export function box(
  { x, y, width, height }: Place & { readonly width: number; readonly height: number },
  kind: string,
  title?: string,
): string {
  const inside = title === undefined ? [] : [element("title", {}, escaped(title))];
  return element("rect", { x, y, width: Math.max(0, width), height, class: kind }, ...inside);
}

export function line(from: Place, to: Place, kind: string): string {
  return element("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: kind });
}

export function path(points: readonly Place[], kind: string): string {
  const d = points.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${short(x)} ${short(y)}`).join("");
  return element("path", { d, class: kind });
}

/** Wide enough for a column of text; the page scales it. */
export const width = 720;

export function drawing(height: number, title: string, ...inside: readonly string[]): string {
  const attributes = { viewBox: `0 0 ${width} ${Math.ceil(height)}`, role: "img", class: "chart" };
  return element("svg", attributes, element("title", {}, escaped(title)), ...inside);
}

/** Colours of parts: c0 to c7, then over again. */
export function colour(index: number): string {
  return `c${index % 8}`;
}

/** Names of colours in rows below a chart, and how far down they reach. */
export function legend(names: readonly string[], at: number): { readonly marks: string; readonly bottom: number } {
  let x = 0;
  let y = at;
  const marks = names.map((name, index) => {
    const space = 24 + name.length * 6.4;
    if (x + space > width && x > 0) {
      x = 0;
      y += 18;
    }
    const mark = box({ x, y: y - 9, width: 10, height: 10 }, colour(index)) + label({ x: x + 15, y }, name, "small");
    x += space;
    return mark;
  });
  return { marks: marks.join(""), bottom: y + 8 };
}

/** Round steps of an axis from 0: 1, 2 or 5 times a power of ten, some `wanted` of them. */
export function ticks(most: number, wanted = 5): readonly number[] {
  if (!(most > 0)) return [0];
  const step = stepOf(most, wanted);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
}

/** The same from a least to a most; times in the unit that they are written in. */
export function axisTicks({ least = 0, most, time = false, wanted = 5 }: Axis): readonly number[] {
  const unit = time ? timeUnit(most) : 1;
  const step = stepOf((most - least) / unit, wanted) * unit;
  const first = Math.ceil(least / step - 1e-9);
  const last = Math.floor(most / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

export interface Axis {
  readonly least?: number;
  readonly most: number;
  /** Seconds, which people read in minutes, hours and days. */
  readonly time?: boolean;
  readonly wanted?: number;
}

function stepOf(most: number, wanted: number): number {
  if (!(most > 0)) return 1;
  let power = 1;
  while (power * 10 <= most / wanted) power *= 10;
  while (power > most / wanted) power /= 10;
  return [1, 2, 5, 10].map((each) => each * power).find((each) => most / each <= wanted) ?? 10 * power;
}

/** From two of a unit on it is the one that is written. */
function timeUnit(most: number): number {
  return [86_400, 3600, 60].find((unit) => most >= 2 * unit) ?? 1;
}
