import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { network, octet, routesOf } from "../../../test/traffic-network.ts";
import { fairRates, type SharedPath } from "../../simulation/index.ts";
import { Routes, type RoutingPolicy } from "../routing/index.ts";
import { bindingPaths } from "./binding-links.ts";

const policies: readonly RoutingPolicy[] = ["spray", "ecmp", "deterministic"];

function rates(capacity: Float64Array, paths: readonly SharedPath[]): Float64Array {
  const offsets = new Int32Array(paths.length + 1);
  paths.forEach(({ resources }, index) => {
    offsets[index + 1] = offsets[index]! + resources.length;
  });
  const joined = Int32Array.from(paths.flatMap(({ resources }) => [...resources]));
  const use = Float64Array.from(paths.flatMap(({ resources, use: shares }) => [...(shares ?? resources.map(() => 1))]));
  return fairRates({ capacity, offsets, paths: joined, use });
}

describe("links that never bind", () => {
  it("may be left out: rates stay what they are", () => {
    const networks = [1, 2, 4].flatMap((factor) => [
      network("rail-optimised", { node: octet, nodes: 6, radix: 8, oversubscription: [factor] }),
      network("fat-tree", { nodes: 48, radix: 16, oversubscription: [factor] }),
    ]);
    const pair = fc.record({ from: fc.nat(47), to: fc.nat(47) });
    const traffic = fc.array(pair, { minLength: 1, maxLength: 120 });
    const ways = fc.record({
      topology: fc.constantFrom(...networks),
      policy: fc.constantFrom(...policies),
      forwarding: fc.constantFrom("own" as const, "rail" as const),
    });
    fc.assert(
      fc.property(ways, traffic, ({ topology, policy, forwarding }, pairs) => {
        const routes = new Routes(topology, { policy, forwarding, seed: 1 });
        const paths = pairs
          .filter(({ from, to }) => from !== to)
          .map(({ from, to }, key) => routes.path(from, to, key) ?? { resources: new Int32Array(0) });
        const whole = rates(topology.capacity, paths);
        const kept = rates(topology.capacity, bindingPaths(topology, paths));
        whole.forEach((rate, index) => {
          expect(Math.abs(kept[index]! / rate - 1)).toBeLessThan(1e-6);
        });
      }),
      { numRuns: 200 },
    );
  });

  it("leave two links of a message that is sprayed over a fabric without oversubscription", () => {
    const topology = network("fat-tree", { nodes: 48, radix: 16 });
    const routes = routesOf(topology);
    const paths = Array.from({ length: 48 }, (_, from) => {
      return routes.path(from, (from + 8) % 48, 0) ?? { resources: new Int32Array(0) };
    });
    expect(paths[0]?.resources.length).toBeGreaterThan(10);
    for (const { resources } of bindingPaths(topology, paths)) expect(resources.length).toBeLessThanOrEqual(2);
  });
});
