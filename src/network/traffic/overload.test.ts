import { describe, expect, it } from "vitest";
import { first, network, octet, port, ran, routesOf } from "../../../test/traffic-network.ts";
import { runTrace } from "./run-pattern.ts";

describe("receivers that are sent more than they take", () => {
  const routes = routesOf(network("fat-tree", { nodes: 64 }));

  it("are none where each sends as much as it hears", () => {
    for (const pattern of ["permutation", "halo-2d", "halo-3d", "transpose", "bisection", "neighbour", "pairs"]) {
      expect(ran(routes, { pattern }).overload).toBeUndefined();
    }
    expect(ran(routes, { pattern: "all-to-all" }).overload).toBeUndefined();
  });

  it("are the one of an incast, and those of a checkpoint", () => {
    const one = ran(routes, { pattern: "incast", options: { fanIn: 5 } }).overload;
    expect(one).toEqual({
      receivers: 1,
      messages: 5,
      worst: { receiver: 0, senders: 5, bytes: 5e9, bandwidth: expect.closeTo(port, 0) },
      last: "overloaded",
    });
    expect(ran(routes, { pattern: "incast", options: { fanIn: 1 } }).overload).toBeUndefined();
    const few = ran(routes, { pattern: "checkpoint", options: { targets: 8 } }).overload;
    expect([few?.receivers, few?.messages, few?.worst.senders]).toEqual([8, 56, 7]);
    const rounds = ran(routes, { pattern: "checkpoint", options: { targets: 8 }, rounds: 5 });
    expect(rounds.overload?.messages).toBe(rounds.messages);
  });

  it("are none inside a scale-up domain", () => {
    const topology = network("rail-optimised", { node: octet, nodes: 2 });
    const { overload } = ran(routesOf(topology), { pattern: "incast", groups: [first(8)] });
    expect(overload).toBeUndefined();
  });

  it("are told apart in time: two that follow each other overload nobody", () => {
    const run = (start: number) => {
      const messages = [
        { start: 0, from: 1, to: 0, size: port },
        { start, from: 2, to: 0, size: port },
        { start: 0, from: 3, to: 4, size: 9 * port },
      ];
      const found = runTrace(routes, messages);
      if ("from" in found) throw new Error("no way");
      return found.overload;
    };
    expect(run(2)).toBeUndefined();
    expect(run(0.5)).toMatchObject({ receivers: 1, messages: 2, last: "free" });
  });
});
