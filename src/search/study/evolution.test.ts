import { describe, expect, it } from "vitest";
import { parseStudy } from "../../scenario/index.ts";
import { paretoFront } from "../pareto.ts";
import { Evolution } from "./evolution.ts";
import type { Wants } from "./goals.ts";
import type { Outcome } from "./outcome.ts";
import { bestFirst } from "./rank.ts";
import { generationSize, sampled } from "./sample.ts";
import { samplingOf } from "./sampling.ts";
import { type Space, spaceOf } from "./space.ts";
import type { Row } from "./summary.ts";

const base = `windtunnel: 1
name: small
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 128 }
layout: { tensor: 2, microBatch: 1 }
objective: [{ minimize: a }]
`;

const wide = `vary:
  cluster.nodes: { from: 1, to: 40 }
  workload.globalBatch: { from: 1, to: 40 }
  layout.pipeline: { from: 1, to: 40 }
  layout.recompute: [none, full, selective]
`;

const least = (metric: string): Wants["goals"][number] => ({ metric, direction: "minimize" });

type Metrics = (values: readonly unknown[]) => Outcome["metrics"];

/** Runs an evolution against a function instead of the models. */
function evolved(options: { vary: string; points: number; seed: number; wants: Wants; metrics: Metrics }): Row[] {
  const { vary, points, seed, wants, metrics } = options;
  const source = parseStudy(base + vary, { file: "s.yaml" });
  const sampling = samplingOf({ ...source, sampling: { method: "evolutionary", points } }, { seed });
  const { axes }: Space = spaceOf(source, "evolutionary");
  const key = (values: readonly unknown[]): string => JSON.stringify(values);
  const evolution = new Evolution({ axes, sampling, key });
  const rows: Row[] = [];
  const run = (all: readonly (readonly unknown[])[]): Row[] =>
    all.map((values, index) => {
      const outcome: Outcome = { key: key(values), status: "fits", metrics: metrics(values) };
      return { point: rows.length + index, key: key(values), values, outcome };
    });
  let last = run(sampled(axes, sampling));
  while (last.length > 0) {
    rows.push(...last);
    last = run(evolution.next(last, wants).map(({ values }) => values));
  }
  return rows;
}

const bowl: Metrics = ([a, b, c, d]) => {
  const [x, y, z] = [a, b, c].map(Number) as [number, number, number];
  return { a: (x - 31) ** 2 + (y - 7) ** 2 + (z - x / 2) ** 2 + (d === "selective" ? 0 : 5) };
};

describe("an evolutionary search", () => {
  const wants: Wants = { goals: [least("a")], limits: [] };

  it.each([1, 2, 3, 4, 5])("finds the least of 192,000 combinations by looking at 1,200, seed %i", (seed) => {
    const rows = evolved({ vary: wide, points: 1200, seed, wants, metrics: bowl });
    expect(rows).toHaveLength(1200);
    // 31, 7, and half of 31 rounded either way.
    expect(Math.min(...rows.map(({ outcome }) => outcome.metrics.a ?? 0))).toBe(0.25);
  });

  it("looks at nothing twice, and breeds the same by the same seed alone", () => {
    const run = (seed: number): string[] =>
      evolved({ vary: wide, points: 300, seed, wants, metrics: bowl }).map(({ key }) => key);
    expect(new Set(run(1)).size).toBe(300);
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it("goes along continuous ranges", () => {
    const vary = `vary:
  cluster.node.accelerator.memory.bandwidth: { from: 1 TB/s, to: 9 TB/s }
  cluster.node.nics.bandwidth: { from: 1 Gbit/s, to: 1000 Gbit/s, scale: log }
`;
    const metrics: Metrics = ([a, b]) => ({
      a: Math.abs(Number.parseFloat(String(a)) - 3.2) + Math.abs(Number.parseFloat(String(b)) - 40) / 10,
    });
    const rows = evolved({ vary, points: 600, seed: 0, wants, metrics });
    expect(Math.min(...rows.map(({ outcome }) => outcome.metrics.a ?? 9))).toBeLessThan(0.05);
  });

  it("spreads over a front of two goals", () => {
    const metrics: Metrics = ([x, y, z]) => ({ a: Number(x) + Number(z), b: 40 - Number(x) + Number(y) });
    const goals = [least("a"), least("b")];
    const rows = evolved({ vary: wide, points: 1200, seed: 3, wants: { goals, limits: [] }, metrics });
    const costs = rows.map(({ outcome }) => [outcome.metrics.a ?? 0, outcome.metrics.b ?? 0]);
    const front = new Set(paretoFront(costs).map((index) => JSON.stringify(costs[index])));
    // x from 1 to 40 with y and z at 1 is the true front: a + b = 42.
    const found = [...front].filter((each) => (JSON.parse(each) as number[]).reduce((a, b) => a + b) === 42);
    expect(found.length).toBeGreaterThanOrEqual(35);
  });

  it("goes to where limits are kept when it began outside", () => {
    const limit = { metric: "b", sense: "atMost", value: 2, written: 2 } as const;
    const metrics: Metrics = (values) => ({ ...bowl(values), b: Number(values[0]) });
    const rows = evolved({ vary: wide, points: 800, seed: 1, wants: { ...wants, limits: [limit] }, metrics });
    const kept = rows.filter(({ outcome }) => (outcome.metrics.b ?? 9) <= 2);
    // The best with at most 2: 29 away in the first field, 0 in the others.
    expect(Math.min(...kept.map(({ outcome }) => outcome.metrics.a ?? 0))).toBe(29 ** 2);
  });
});

describe("the order of survival", () => {
  const row = (point: number, outcome: Partial<Outcome>): Row => ({
    point,
    key: String(point),
    values: [],
    outcome: { key: String(point), status: "fits", metrics: {}, ...outcome },
  });

  it("puts answers first, then what lacks least, and what was refused last", () => {
    const binding = { resource: "memory", needed: 3, available: 2 } as unknown as NonNullable<Outcome["binding"]>;
    const rows = [
      row(0, { status: "refused", problem: "layout: no" }),
      row(1, { status: "does-not-fit", binding, metrics: { a: 1 } }),
      row(2, { metrics: { a: 9, b: 9 } }),
      row(3, { metrics: { a: 3, b: 1 } }),
      row(4, { metrics: { a: 2, b: 1 } }),
    ];
    const limits = [{ metric: "b", sense: "atMost", value: 5, written: 5 }] as const;
    expect(bestFirst(rows, { goals: [least("a")], limits }).map(({ point }) => point)).toEqual([4, 3, 2, 1, 0]);
  });

  it("takes the ends of a front before its crowded middle", () => {
    const rows = [
      [1, 9],
      [5, 5],
      [5.1, 4.9],
      [9, 1],
      [9, 9],
    ].map(([a = 0, b = 0], point) => row(point, { metrics: { a, b } }));
    const order = bestFirst(rows, { goals: [least("a"), least("b")], limits: [] }).map(({ point }) => point);
    expect(new Set(order.slice(0, 2))).toEqual(new Set([0, 3]));
    expect(order.at(-1)).toBe(4);
  });

  it("breeds no more than was asked for", () => {
    expect([1, 8, 100, 1_000_000].map(generationSize)).toEqual([1, 8, 20, 256]);
  });
});
