/** Names at the left of bars. */

import { label, type Place } from "./svg.ts";

/** A name that ends at a place: in two lines where it is longer than `most` letters; what does not fit in two is cut. */
export function beside(name: string, { x, y }: Place, most: number): string {
  const cut = name.length <= most ? -1 : name.lastIndexOf(" ", most);
  if (cut < 0) return label({ x, y }, clipped(name, most), "label", "end");
  const [first, second] = [name.slice(0, cut), clipped(name.slice(cut + 1), most)];
  return label({ x, y: y - 6 }, first, "label", "end") + label({ x, y: y + 7 }, second, "label", "end");
}

function clipped(name: string, most: number): string {
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}
