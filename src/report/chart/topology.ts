/** A fabric as a sketch: a row for each tier, some of its boxes, and how many there are in all. */

import { drawing, element, escaped, label, line, width } from "./svg.ts";

export interface TopologySketch {
  readonly type: "topology";
  /** From the top. `drawn` boxes stand for `count`. */
  readonly tiers: readonly {
    readonly name: string;
    readonly count: number;
    readonly note?: string;
  }[];
  readonly shown: (count: number) => string;
}

const left = 170;
const rowHeight = 78;
const boxesMost = 8;

export function drawTopology({ tiers, shown }: TopologySketch, title: string): string {
  const places = tiers.map(({ count }) => placesOf(count));
  const wires = places.slice(1).flatMap((below, index) => {
    const above = places[index] ?? [];
    return below.flatMap((child) =>
      above.map((parent) => line({ x: parent, y: yOf(index) + 26 }, { x: child, y: yOf(index + 1) }, "wire")),
    );
  });
  const rows = tiers.map(({ name, count, note }, tier) => {
    const y = yOf(tier);
    const boxes = (places[tier] ?? []).map((x) =>
      element("rect", { x: x - 24, y, width: 48, height: 26, rx: 4, class: tier === tiers.length - 1 ? "c0" : "c7" }),
    );
    const more = count > boxesMost ? label({ x: width - 14, y: y + 18 }, "…", "value", "end") : "";
    const words = `${shown(count)} ${name}`;
    return (
      boxes.join("") +
      more +
      element("text", { x: 0, y: y + 12, class: "value" }, escaped(words)) +
      (note === undefined ? "" : label({ x: 0, y: y + 28 }, note, "small"))
    );
  });
  return drawing(yOf(tiers.length - 1) + 44, title, ...wires, ...rows);
}

function yOf(tier: number): number {
  return 8 + tier * rowHeight;
}

function placesOf(count: number): readonly number[] {
  const drawn = Math.min(count, boxesMost);
  const room = width - left - 60;
  // Fewer boxes stand wider apart: tiers look like a tree.
  return Array.from({ length: drawn }, (_, index) => left + 30 + ((index + 0.5) / drawn) * room);
}
