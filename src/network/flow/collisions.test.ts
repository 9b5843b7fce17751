/** Hash collisions: U equal flows over U uplinks, each split over queue pairs that are hashed apart. */
import { expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { Routes } from "../routing/index.ts";
import { fabricKind, type Topology } from "../topology/index.ts";

/** Published (1,000 trials), relative rate of the slowest flow; then with two uplinks a flow. */
const table: readonly (readonly [flows: number, one: Record<number, number>, two: Record<number, number>])[] = [
  [8, { 1: 0.41, 2: 0.5, 4: 0.58, 8: 0.66, 16: 0.74, 32: 0.8 }, { 1: 0.53, 4: 0.84, 8: 0.96, 16: 1 }],
  [16, { 1: 0.35, 2: 0.43, 4: 0.52, 8: 0.61, 16: 0.69, 32: 0.76 }, { 1: 0.44, 4: 0.76, 8: 0.91, 16: 0.99 }],
  [32, { 1: 0.3, 2: 0.38, 4: 0.47, 8: 0.56, 16: 0.65, 32: 0.73 }, { 1: 0.39, 4: 0.68, 8: 0.87, 16: 0.98 }],
  [64, { 1: 0.26, 2: 0.34, 4: 0.44, 8: 0.53, 16: 0.62, 32: 0.7 }, { 1: 0.34, 4: 0.63, 8: 0.81, 16: 0.97 }],
];

for (const [flows, ...columns] of table) {
  columns.forEach((rates, index) => {
    const uplinks = flows * (index + 1);
    const topology = leaves(flows, uplinks);
    for (const [pairs, rate] of Object.entries(rates)) {
      it(`${flows} flows of ${pairs} queue pairs on ${uplinks} uplinks leave the slowest ${rate}`, () => {
        const { slowest } = collide(topology, { flows, pairs: Number(pairs), trials: trialsOf(flows * Number(pairs)) });
        expect(Math.abs(slowest - rate)).toBeLessThan(0.025);
      });
    }
  });
}

it("the mean flow keeps .64, .81 and .90 of its rate at 1, 4 and 16 queue pairs: 40 % won, as Meta reports", () => {
  const topology = leaves(64, 64);
  const means = [1, 4, 16].map((pairs) => collide(topology, { flows: 64, pairs, trials: 40 }).mean);
  const published = [0.64, 0.81, 0.9];
  means.forEach((mean, index) => {
    expect(Math.abs(mean - (published[index] ?? 0))).toBeLessThan(0.015);
  });
  expect((means[2] ?? 0) / (means[0] ?? 1)).toBeGreaterThan(1.35);
});

/** As many trials as keep the error of the mean below one hundredth: fewer where more pairs average in one. */
function trialsOf(pairs: number): number {
  return Math.max(40, Math.min(300, Math.floor(20_000 / pairs)));
}

/** Two leaves and as many spines as uplinks, one cable to each. */
function leaves(flows: number, uplinks: number): Topology {
  const scaleUp = { domain: 1, topology: "switch", bandwidth: 450e9, latency: 0 } as const;
  const node = { acceleratorsPerNode: 1, portsPerNode: 1, portBandwidth: 50e9, scaleUp, hostLatency: 0 };
  const shape = { node, nodes: 2 * flows, tiers: 2, hopLatency: 0, nodesPerLeaf: flows, radix: 2 };
  const kind = fabricKind("fat-tree");
  if (kind === undefined) throw new Error("no fat tree");
  return kind.build({ ...shape, oversubscription: [flows / uplinks] });
}

/** Means over trials: of the slowest flow, which ends with its slowest pair, and of all pairs. */
function collide(
  topology: Topology,
  { flows, pairs, trials }: { readonly flows: number; readonly pairs: number; readonly trials: number },
): { readonly slowest: number; readonly mean: number } {
  const stream = random(3).stream("trials");
  let [slowest, mean] = [0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const routes = new Routes(topology, { policy: "ecmp", forwarding: "own", seed: stream.word() });
    const used = new Float64Array(topology.ends.length);
    const paths = Array.from({ length: flows * pairs }, (_, key) => {
      const from = Math.floor(key / pairs);
      return [...(routes.path(from, flows + from, key)?.resources ?? [])];
    });
    for (const path of paths) for (const link of path) used[link]! += 1;
    const rates = paths.map((path) => pairs / Math.max(pairs, ...path.map((link) => used[link]!)));
    slowest += Math.min(...rates) / trials;
    mean += rates.reduce((sum, rate) => sum + rate, 0) / rates.length / trials;
  }
  return { slowest, mean };
}
