import { describe, expect, it } from "vitest";
import { first, network, octet, port, routesOf } from "../../../test/traffic-network.ts";
import type { Routes } from "../routing/index.ts";
import { groupsOf } from "./groups.ts";
import { collectivesFlow, type InStep, stepFlow } from "./in-step.ts";
import { runTrafficJobs, type TrafficJob } from "./run-jobs.ts";

const size = 1e9;

function allReduce(routes: Routes, ranks: readonly number[], key = 0): InStep {
  const request = { operation: "all-reduce", algorithm: "ring", groups: [ranks], size, key } as const;
  const flow = collectivesFlow(routes, request);
  if ("from" in flow) throw new Error("no way");
  return flow;
}

const job = (name: string, flow: InStep, compute = 0): TrafficJob => ({
  name,
  start: 0,
  rounds: 4,
  phases: [{ name: "all-reduce", compute, latency: 1e-6, flow }],
});

describe("jobs side by side", () => {
  const topology = network("fat-tree", { nodes: 64, oversubscription: [4] });
  const routes = routesOf(topology);
  // Every second node: rings cross the uplinks of a leaf of 16 at each step from leaf to leaf only, scattered ones always.
  const scattered = (offset: number): number[] => first(32).map((index) => ((index * 18) % 64) + offset);
  const [a, b] = [allReduce(routes, scattered(0)), allReduce(routes, scattered(1), 5000)];

  it("take the closed form alone", () => {
    const run = runTrafficJobs(topology, [job("a", a, 0.01)]);
    const [alone] = run.jobs;
    expect(alone?.slowdown).toBe(1);
    expect(alone?.contention).toBe(0);
    expect(alone?.round).toBeCloseTo((alone?.compute ?? 0) + (alone?.latency ?? 0) + (alone?.transfer ?? 0), 12);
    expect(alone?.shares).toEqual([]);
    expect(run.time).toBeCloseTo(4 * (alone?.round ?? 0), 12);
  });

  it("slow each other on an oversubscribed fabric, and say where", () => {
    const run = runTrafficJobs(topology, [job("a", a), job("b", b)]);
    for (const { slowdown, shares, round, compute, latency, transfer, contention } of run.jobs) {
      expect(slowdown).toBeGreaterThan(1.9);
      expect(compute + latency + transfer + contention).toBeCloseTo(round, 12);
      expect(shares).toHaveLength(1);
      expect(shares[0]?.hottest).toMatch(/leaf \d+ -> spine|spine \d+ -> leaf/);
      expect(shares[0]?.links).toBeGreaterThan(0);
    }
    expect(run.hottest[0]?.users).toEqual([0, 1]);
    expect(run.hottest[0]?.link).toMatch(/leaf \d+ -> spine|spine \d+ -> leaf/);
    expect(run.hottest[0]?.utilization).toBeGreaterThan(0.99);
    expect(run.hottest[0]?.utilization).toBeLessThanOrEqual(1 + 1e-9);
  });

  it("fare the same in whatever order they are named", () => {
    const [one, two] = [job("a", a, 0.003), job("b", b)];
    const [there, back] = [runTrafficJobs(topology, [one, two]), runTrafficJobs(topology, [two, one])];
    expect(back.time).toBeCloseTo(there.time, 9);
    for (const { name, round, slowdown } of there.jobs) {
      const same = back.jobs.find((other) => other.name === name);
      expect(same?.round).toBeCloseTo(round, 9);
      expect(same?.slowdown).toBeCloseTo(slowdown, 9);
    }
    expect(back.hottest.map(({ utilization }) => utilization)).toEqual(
      there.hottest.map(({ utilization }) => expect.closeTo(utilization, 6)),
    );
  });

  it("do not where they share nothing, or the fabric has room", () => {
    const [low, high] = [
      allReduce(routes, first(16)),
      allReduce(
        routes,
        first(16).map((index) => index + 16),
      ),
    ];
    const apart = runTrafficJobs(topology, [job("a", low), job("b", high)]);
    expect(apart.jobs.map(({ slowdown, shares }) => [slowdown, shares.length])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    const wide = network("fat-tree", { nodes: 64 });
    const ways = routesOf(wide);
    const flows = [allReduce(ways, scattered(0)), allReduce(ways, scattered(1))];
    const roomy = runTrafficJobs(
      wide,
      flows.map((flow, index) => job(`job ${index}`, flow)),
    );
    for (const { slowdown } of roomy.jobs) expect(slowdown).toBeCloseTo(1, 9);
  });

  it("share a link by endpoints, not by how many messages they cut their data into", () => {
    const all = first(64);
    const [even, odd] = [all.filter((index) => index % 2 === 0), all.filter((index) => index % 2 === 1)];
    const bytes = size / 32;
    const pairs = even.flatMap((from) =>
      even.filter((to) => to !== from).map((to) => ({ from, to, size: bytes, start: 0 })),
    );
    const many = stepFlow(routes, pairs, 0);
    const few = stepFlow(
      routes,
      odd.map((from) => ({ from, to: (from + 32) % 64, size: 31 * bytes, start: 0 })),
      0,
    );
    if ("from" in many || "from" in few) throw new Error("no way");
    expect(many.size).toBeCloseTo(few.size, 3);
    const run = runTrafficJobs(topology, [job("many", many), job("few", few)]);
    const [one, other] = run.jobs;
    expect(Math.abs((one?.round ?? 0) / (other?.round ?? 0) - 1)).toBeLessThan(0.5);
    expect(one?.slowdown).toBeGreaterThan(1.5);
  });

  it("wait for their start, and need no network where they only compute", () => {
    const run = runTrafficJobs(topology, [
      { name: "late", start: 2, rounds: 3, phases: [{ name: "compute", compute: 1, latency: 0 }] },
    ]);
    expect(run.jobs[0]).toMatchObject({ start: 2, end: 5, round: 1, slowdown: 1, transfer: 0, contention: 0 });
    expect(run.hottest).toEqual([]);
  });
});

describe("groups of a job", () => {
  it("are neighbours with stride 1, and one of each node with the node's size", () => {
    expect(groupsOf(first(16), { size: 8, stride: 1 })).toEqual([first(8), first(8).map((index) => index + 8)]);
    expect(groupsOf(first(16), { size: 2, stride: 8 })[3]).toEqual([3, 11]);
    const all = groupsOf(first(64), { size: 4, stride: 4 });
    expect(all).toHaveLength(16);
    expect(new Set(all.flat()).size).toBe(64);
  });

  it("move in step: rings of 8 rails over 8 nodes are bound by their ports", () => {
    const topology = network("rail-optimised", { node: octet, nodes: 8 });
    const flow = collectivesFlow(routesOf(topology), {
      operation: "all-reduce",
      algorithm: "ring",
      groups: groupsOf(first(64), { size: 8, stride: 8 }),
      size,
    });
    if ("from" in flow) throw new Error("no way");
    const run = runTrafficJobs(topology, [job("a", flow)]);
    expect(run.jobs[0]?.transfer).toBeCloseTo(((2 * 7) / 8) * (size / port), 9);
  });
});
