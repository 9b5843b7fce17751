import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { parseStudy } from "../../scenario/index.ts";
import { placed } from "./path.ts";
import { sampled } from "./sample.ts";
import { samplingOf } from "./sampling.ts";
import { isContinuous, type Space, spaceOf, writtenAt } from "./space.ts";

const base = `windtunnel: 1
name: small
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 128 }
layout: { tensor: 2, microBatch: 1 }
`;

const space = (added: string, method: "grid" | "random" = "grid"): Space =>
  spaceOf(parseStudy(base + added, { file: "s.yaml" }), method);

const levels = (added: string): unknown => {
  const [axis] = space(added).axes;
  return axis === undefined || isContinuous(axis.values) ? undefined : axis.values;
};

const problems = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof ProblemError) return error.message;
    throw error;
  }
  return "";
};

describe("values of a field", () => {
  it.each([
    ["vary: { layout.tensor: { from: 1, to: 8, scale: log2 } }", [1, 2, 4, 8]],
    ["vary: { layout.tensor: { from: 1, to: 4 } }", [1, 2, 3, 4]],
    ["vary: { layout.tensor: [8, 1] }", [8, 1]],
    ["vary: { cluster.nodes: { from: 1, to: 100, scale: log, count: 3 } }", [1, 10, 100]],
    ["vary: { cluster.nodes: { from: 1, to: 8, scale: log, count: 8 } }", [1, 2, 3, 4, 6, 8]],
    ["vary: { workload.globalBatch: { from: 1k, to: 2k, step: 500 } }", [1000, 1500, 2000]],
    [
      "vary: { cluster.node.nics.bandwidth: { from: 400 Gbit/s, to: 0.1 TB/s, count: 3 } }",
      ["400 Gbit/s", "600 Gbit/s", "800 Gbit/s"],
    ],
    [
      "vary: { cluster.node.nics.bandwidth: { from: 100 Gbit/s, to: 1 Tbit/s, factor: 4 } }",
      ["100 Gbit/s", "400 Gbit/s"],
    ],
    ["vary: { economics.powerUsageEffectiveness: { from: 1, to: 1.5, step: 0.25 } }", [1, 1.25, 1.5]],
  ])("%s", (added, expected) => {
    expect(levels(added)).toEqual(expected);
  });

  it("go where the path says, and make an object of a catalog name", () => {
    expect(placed({ cluster: { node: "hgx-h100" } }, ["cluster", "node", "nics", "bandwidth"], "1 Tbit/s")).toEqual({
      cluster: { node: { extends: "hgx-h100", nics: { bandwidth: "1 Tbit/s" } } },
    });
    expect(placed({ a: [{ b: 1 }, { b: 2 }] }, ["a", 1, "b"], 3)).toEqual({ a: [{ b: 1 }, { b: 3 }] });
  });
});

describe("mistakes in a space", () => {
  it.each([
    ["", "s.yaml:1:1 vary: missing; a study varies something"],
    ["vary: {}", "vary: nothing varies"],
    ["vary: { layout.tensor: [] }", "s.yaml:6:24 vary.layout.tensor: the list has no values"],
    ["vary: { layout.tensor: { from: 8, to: 1 } }", "the range is empty: from 8 is more than to 1; swap them"],
    ["vary: { layout.tensr: [1, 2] }", 'vary.layout.tensr: unknown key "tensr"; did you mean "tensor"?'],
    ["vary: { laout.tensor: [1, 2] }", 'did you mean "layout"?'],
    ["vary: { layout.tensor: [1, two] }", 's.yaml:6:28 vary.layout.tensor[1]: "two" is not a number'],
    ["vary: { layout: [{ tensor: 2 }], layout.tensor: [1] }", "contradicts layout.tensor: one of the two fields holds"],
    ["vary: { name: [a, b] }", "name cannot vary"],
    ["vary: { layout..tensor: [1] }", "is no path of a field; e.g. cluster.nodes"],
    [
      "vary: { cluster.node.nics.bandwidth: { from: 100 Gbit/s, to: 4 GB, count: 2 } }",
      "from is a bandwidth, to is a size",
    ],
    [
      "vary: { cluster.node.nics.bandwidth: { from: 100 Gbit/s, to: 1 Tbit/s } }",
      "this range is continuous; add count",
    ],
    ["vary: { layout.tensor: { from: 1, to: 8, count: 2, step: 1 } }", "a range has one of count, step and factor"],
    ["vary: { layout.tensor: { from: 1, to: 8, scale: log2, step: 1 } }", "a step belongs to scale linear"],
    ["vary: { layout.tensor: { from: 0, to: 8, scale: log2 } }", "needs a range above 0"],
    ["vary: { layout.tensor: [1] }\nseed: -1", "seed"],
  ])("%s", (added, expected) => {
    expect(problems(() => space(added))).toContain(expected);
  });

  it("fields that only vary need not be given", () => {
    const study = parseStudy(`${base.replace(", nodes: 4", "")}vary: { cluster.nodes: [4, 8] }`);
    expect(spaceOf(study, "grid").axes).toHaveLength(1);
  });

  it.each([
    ["sampling: random", {}, "random needs a number of points"],
    ["sampling: { points: 5, method: grid }", {}, "a grid has the points it has"],
  ])("%s", (added, choice, expected) => {
    expect(problems(() => samplingOf(parseStudy(base + added), choice))).toContain(expected);
  });
});

describe("a design of experiment", () => {
  const axes = space(
    "vary: { layout.tensor: [1, 2, 4], cluster.node.nics.bandwidth: { from: 100 Gbit/s, to: 1600 Gbit/s, scale: log } }",
    "random",
  ).axes;
  const numbers = (values: readonly (readonly unknown[])[]): number[] =>
    values.map(([, text]) => Number.parseFloat(String(text)));

  it("is every combination in a grid, the last field fastest", () => {
    const { axes: two } = space("vary: { layout.tensor: [1, 2], cluster.nodes: [4, 8] }");
    const all = sampled(two, { method: "grid", points: 0, seed: 0 });
    expect(all).toEqual([
      [1, 4],
      [1, 8],
      [2, 4],
      [2, 8],
    ]);
    expect(writtenAt({ layout: {}, cluster: {} }, two, all[1] ?? [])).toEqual({
      layout: { tensor: 1 },
      cluster: { nodes: 8 },
    });
  });

  it("covers every stratum once in a Latin hypercube", () => {
    const drawn = sampled(axes, { method: "latin-hypercube", points: 48, seed: 3 });
    const strata = numbers(drawn).map((value) => Math.floor((Math.log2(value / 100) / 4) * 48 + 1e-6));
    expect([...strata].sort((a, b) => a - b)).toEqual(Array.from({ length: 48 }, (_, index) => index));
    for (const level of [1, 2, 4]) expect(drawn.filter(([tensor]) => tensor === level)).toHaveLength(16);
  });

  it("stays within its ends, is the same for a seed and another for another", () => {
    const draw = (seed: number): number[] => numbers(sampled(axes, { method: "random", points: 200, seed }));
    for (const value of draw(1)) expect(value).toSatisfy((found: number) => found >= 100 && found <= 1600);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it("is a Latin hypercube where the command gives points", () => {
    const study = parseStudy(`${base}vary: { layout.tensor: [1] }`);
    expect(samplingOf(study, {})).toEqual({ method: "grid", points: 0, seed: 0 });
    expect(samplingOf(study, { points: 9, seed: 4 })).toEqual({ method: "latin-hypercube", points: 9, seed: 4 });
  });
});
