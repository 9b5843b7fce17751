import { describe, expect, it } from "vitest";
import { differencesOf } from "./differences.ts";

describe("fields that options write differently", () => {
  const fabric = { topology: "rail-only", oversubscription: [1, 7] };
  const one = { name: "one", cluster: { nodes: 64, fabric }, layout: { tensor: 2 } };
  const other = { name: "other", cluster: { nodes: 128, fabric: { ...fabric, oversubscription: [1, 3] } }, seed: 7 };

  it("has a value of each option, and nothing where one does not write it", () => {
    expect(differencesOf([one, undefined, other])).toEqual([
      { path: "cluster.nodes", values: ["64", null, "128"] },
      { path: "cluster.fabric.oversubscription", values: ["1, 7", null, "1, 3"] },
      { path: "layout.tensor", values: ["2", null, null] },
      { path: "seed", values: [null, null, "7"] },
    ]);
  });

  it("is empty for options that differ by name alone, and for one", () => {
    expect(differencesOf([one, { ...one, name: "two" }])).toEqual([]);
    expect(differencesOf([one, undefined])).toEqual([]);
  });
});
