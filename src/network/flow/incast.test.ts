import { expect, it } from "vitest";
import { fairRates, type SharedPath } from "../../simulation/index.ts";
import { Routes } from "../routing/index.ts";
import { fabricKind } from "../topology/index.ts";
import { incastRange, overloadOf } from "./index.ts";

const incast = { senders: 15, size: 1e6, bandwidth: 50e9 };

it("a fluid shares the last link evenly: what flows give is the least of the range", () => {
  const node = {
    acceleratorsPerNode: 1,
    portsPerNode: 1,
    portBandwidth: 50e9,
    scaleUp: { domain: 1, topology: "switch", bandwidth: 450e9, latency: 0 },
    hostLatency: 0,
  } as const;
  const shape = { node, nodes: 16, tiers: 2, oversubscription: [1], radix: 8, hopLatency: 0 };
  const topology = fabricKind("fat-tree")?.build(shape);
  if (topology === undefined) throw new Error("no fat tree");
  const routes = new Routes(topology, { policy: "spray", forwarding: "own", seed: 1 });
  const paths = Array.from({ length: 15 }, (_, index) => routes.path(index + 1, 0, index)) as SharedPath[];
  const offsets = new Int32Array(16);
  paths.forEach(({ resources }, index) => {
    offsets[index + 1] = offsets[index]! + resources.length;
  });
  const joined = Int32Array.from(paths.flatMap(({ resources }) => [...resources]));
  const use = Float64Array.from(paths.flatMap(({ resources, use: own }) => [...(own ?? resources.map(() => 1))]));
  const { share, least } = incastRange({ ...incast, overload: { kind: "lossless" } });
  for (const rate of fairRates({ capacity: topology.capacity, offsets, paths: joined, use })) {
    expect(rate / share).toBeCloseTo(1, 9);
    expect(1e6 / rate / least).toBeCloseTo(1, 9);
  }
});

it("drops add a timeout, pauses make others wait, credits give one figure", () => {
  const least = (15 * 1e6) / 50e9;
  expect(incastRange({ ...incast, overload: overloadOf("ethernet") })).toMatchObject({
    least,
    most: least + 0.2,
    point: undefined,
  });
  expect(incastRange({ ...incast, overload: overloadOf("roce") })).toMatchObject({
    most: least,
    bystanders: least,
    point: undefined,
  });
  expect(incastRange({ ...incast, overload: overloadOf("efa") })).toMatchObject({ least, most: "unknown" });
  expect(incastRange({ ...incast, overload: { kind: "credits" } }).point).toBe(least);
  expect(incastRange({ ...incast, senders: 1, overload: overloadOf("dcn") }).point).toBe(1e6 / 50e9);
});
