import { describe, expect, it } from "vitest";
import { fleetCase, replicaCase } from "../../../test/serving-case.ts";
import { RequestListBuilder } from "../../workload/request/list.ts";
import { routingPolicy } from "../routing/index.ts";
import { runFleet } from "./fleet.ts";

/** Running requests and cache in use that the router is told when each request comes. */
function told(scrapeInterval: number): readonly (readonly [running: number, usage: number])[] {
  const requests = new RequestListBuilder({ chunkTokens: 16 });
  for (const release of [1, 1.06, 1.25]) requests.add({ release, input: 100, output: 50 });
  const seen: [number, number][] = [];
  runFleet(
    fleetCase(requests.done(), [replicaCase({})], {
      signals: { scrapeInterval, eventDelay: 0 },
      router: (context) => {
        const policy = routingPolicy("round-robin", {}, context);
        return {
          ...policy,
          choose: (request, replicas, now) => {
            seen.push([replicas[0]!.running, replicas[0]!.cacheUsage]);
            return policy.choose(request, replicas, now);
          },
        };
      },
    }),
  );
  return seen;
}

describe("what routers are told of load", () => {
  // A prompt of 100 tokens is computed in 0.11 s; looks at the replica are 50 ms apart.
  it("leaves out what the iteration under way took on, as engines count at its end", () => {
    const [alone, during, later] = told(0.05);
    expect(alone).toEqual([0, 0]);
    expect(during).toEqual([0, 0]);
    expect(later![0]).toBeGreaterThan(0);
    expect(later![1]).toBeGreaterThan(0);
  });

  it("is exact where signals are said to be always up to date", () => {
    const [alone, during] = told(0);
    expect(alone).toEqual([0, 0]);
    expect(during![0]).toBe(1);
    expect(during![1]).toBeGreaterThan(0);
  });
});
