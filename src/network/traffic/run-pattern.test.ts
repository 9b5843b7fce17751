import { describe, expect, it } from "vitest";
import { first, hop, network, octet, port, ran, routesOf } from "../../../test/traffic-network.ts";
import { Routes } from "../routing/index.ts";

const size = 1e9;
/** Port to leaf and leaf to port; then up to a spine and down. */
const near = 2 * hop;
const far = 4 * hop;

describe("closed forms of patterns", () => {
  const flat = network("fat-tree", { nodes: 64 });
  const thin = network("fat-tree", { nodes: 64, oversubscription: [4] });

  it("a permutation on a sprayed fabric without oversubscription runs at the rate of the ports", () => {
    const run = ran(routesOf(flat), { pattern: "permutation", rounds: 5 });
    expect(run.parts.transfer).toBeCloseTo((5 * size) / port, 12);
    expect(run.parts.contention).toBeCloseTo(0, 12);
    expect(run.time).toBeLessThanOrEqual(5 * (size / port + far) * (1 + 1e-12));
    expect(run.messages).toBe(5 * 64);
    expect(run.completion).toHaveLength(5 * 64);
  });

  it("the same permutation under hashed routing collides", () => {
    const run = ran(routesOf(flat, "ecmp"), { pattern: "permutation", rounds: 5 });
    expect(run.time).toBeGreaterThan((1.9 * 5 * size) / port);
    // At least one message of a round has its way to itself.
    expect(Math.min(...run.slowdown)).toBeCloseTo(1, 9);
  });

  it("k to one shares the receiver's port", () => {
    for (const fanIn of [1, 4, 40]) {
      const { time, completion } = ran(routesOf(flat), { pattern: "incast", options: { fanIn } });
      expect(time).toBeCloseTo((fanIn * size) / port + far, 9);
      expect(Math.max(...completion) - Math.min(...completion)).toBeLessThanOrEqual(far);
    }
  });

  it("checkpoints are bound by the ports of those who keep them", () => {
    const { time } = ran(routesOf(flat), { pattern: "checkpoint", options: { targets: 8 } });
    expect(time).toBeCloseTo((7 * size) / port + far, 9);
  });

  it("bisection and transposition pay for oversubscription in full", () => {
    expect(ran(routesOf(thin), { pattern: "bisection" }).time).toBeCloseTo((4 * size) / port + far, 9);
    expect(ran(routesOf(flat), { pattern: "bisection" }).time).toBeCloseTo(size / port + far, 9);
    // A row of the grid is half a leaf of 16: of 16 messages 2 stay on the diagonal and 2 in the leaf.
    const crossing = (12 * size) / (16 * (port / 4));
    const { time } = ran(routesOf(thin), { pattern: "transpose", options: { grid: [8, 8] } });
    expect(time).toBeCloseTo(crossing + far, 9);
  });

  it("a ring of neighbours leaves a leaf once each way and feels no oversubscription", () => {
    const { time, parts } = ran(routesOf(thin), { pattern: "neighbour" });
    expect(time).toBeCloseTo(size / port + far, 9);
    expect(parts.contention).toBeCloseTo(0, 9);
    expect(ran(routesOf(thin), { pattern: "neighbour", options: { shift: 16 } }).parts.contention).toBeGreaterThan(0);
  });

  it("a halo exchange on a torus of the same shape has every link to itself, on a tree shares the port", () => {
    const torus = network("torus-3d", { nodes: 64, node: { ...octet, acceleratorsPerNode: 1, portsPerNode: 0 } });
    const exchange = ran(routesOf(torus), { pattern: "halo-3d", options: { grid: [4, 4, 4] } });
    const link = 400e9 / 6;
    expect(exchange.time).toBeCloseTo(size / link + hop, 9);
    expect(Math.max(...exchange.slowdown)).toBeCloseTo(1, 9);
    const onTree = ran(routesOf(flat), { pattern: "halo-3d", options: { grid: [4, 4, 4] } });
    expect(onTree.time).toBeCloseTo((6 * size) / port + far, 9);
    const open = ran(routesOf(flat), { pattern: "halo-2d", options: { grid: [8, 8], boundary: "open" } });
    expect(open.messages).toBe(4 * 64 - 4 * 8);
  });

  it("a broadcast takes one step for each doubling", () => {
    const { time, messages } = ran(routesOf(flat), { pattern: "broadcast-tree" });
    expect(messages).toBe(63);
    // The first four steps stay below a leaf of 16.
    expect(time).toBeCloseTo((6 * size) / port + 4 * near + 2 * far, 9);
  });

  it("all to all is bound by the ports, in groups as well", () => {
    const { time } = ran(routesOf(flat), { pattern: "all-to-all" });
    expect(time).toBeCloseTo((63 * size) / port + far, 9);
    const groups = [first(32), first(32).map((index) => index + 32)];
    expect(ran(routesOf(flat), { pattern: "all-to-all", groups }).time).toBeCloseTo((31 * size) / port + far, 9);
  });

  it("PXN moves a permutation between rails onto few ports, which it was not made for", () => {
    const topology = network("rail-optimised", { node: octet, nodes: 16 });
    const own = ran(routesOf(topology), { pattern: "permutation" });
    const rail = ran(new Routes(topology, { policy: "spray", forwarding: "rail", seed: 1 }), {
      pattern: "permutation",
    });
    expect(own.parts.contention).toBeCloseTo(0, 9);
    expect(rail.time).toBeGreaterThan(own.time);
  });
});

describe("what holds for any pattern", () => {
  const topology = network("rail-optimised", { node: octet, nodes: 8, oversubscription: [2] });

  it("carries every byte into and out of each endpoint once", () => {
    for (const pattern of ["permutation", "random", "halo-3d", "all-to-all", "checkpoint", "transpose"]) {
      const run = ran(routesOf(topology, "ecmp"), { pattern, rounds: 3 });
      let [out, into] = [0, 0];
      for (let link = 0; link < topology.ends.length; link++) {
        if (topology.ends[topology.reverse[link]!]! < topology.accelerators) out += run.carried[link]!;
        if (topology.ends[link]! < topology.accelerators) into += run.carried[link]!;
      }
      expect(out / run.bytes).toBeCloseTo(1, 9);
      expect(into / run.bytes).toBeCloseTo(1, 9);
      expect(run.bytes).toBe(run.messages * size);
    }
  });

  it("no link carries more than it can in the time", () => {
    for (const pattern of ["random", "bisection", "incast"]) {
      const { carried, time } = ran(routesOf(topology, "ecmp"), { pattern });
      for (let link = 0; link < carried.length; link++) {
        expect(carried[link]!).toBeLessThanOrEqual(topology.capacity[link]! * time * (1 + 1e-9));
      }
    }
  });

  it("the parts add up to the time, and no message is faster than alone", () => {
    for (const pattern of ["random", "permutation", "broadcast-tree", "all-to-all", "halo-2d"]) {
      const { time, parts, slowdown } = ran(routesOf(topology, "ecmp"), { pattern, rounds: 2 });
      const sum = parts.waiting + parts.latency + parts.transfer + parts.contention;
      expect(sum).toBeCloseTo(time, 12);
      expect(Math.min(...slowdown)).toBeGreaterThanOrEqual(1 - 1e-9);
    }
  });

  it("is the same for the same seed and another for another", () => {
    const run = (seed: number): number[] => [
      ...ran(routesOf(topology, "ecmp"), { pattern: "random", rounds: 2, seed }).completion,
    ];
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  it("does not depend on which accelerators of a symmetric fabric are called first", () => {
    const rotated = first(64).map((index) => (index + 24) % 64);
    for (const pattern of ["halo-3d", "transpose", "neighbour", "all-to-all", "bisection"]) {
      const [one, other] = [[first(64)], [rotated]].map((groups) => ran(routesOf(topology), { pattern, groups }));
      expect(other?.time).toBeCloseTo(one?.time ?? 0, 12);
    }
  });

  it("is never slower on a fabric with twice the ports", () => {
    const wider = network("rail-optimised", {
      node: { ...octet, portBandwidth: 2 * port },
      nodes: 8,
      oversubscription: [2],
    });
    for (const pattern of ["random", "permutation", "halo-3d", "incast"]) {
      const [slow, fast] = [topology, wider].map((each) => ran(routesOf(each, "ecmp"), { pattern }).time);
      expect(fast!).toBeLessThan(slow!);
    }
  });

  it("says where nothing leads", () => {
    const broken = network("fat-tree", { nodes: 64 });
    const leaf = broken.switches.find(({ name }) => name === "leaf")?.first ?? -1;
    const failures = { links: new Set<number>(), vertices: new Set([leaf]) };
    const routes = new Routes(broken, { policy: "spray", forwarding: "own", seed: 1, failures });
    expect(() => ran(routes, { pattern: "bisection" })).toThrow("no way from 0 to 32");
  });
});
