import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../base/random.ts";
import { type PlacementRequest, placeJobs } from "./placement.ts";

const cluster = { accelerators: 64, acceleratorsPerNode: 8 };
const place = (...requests: PlacementRequest[]) => placeJobs(cluster, requests, random(3).stream("placement"));
const nodes = (accelerators: readonly number[] = []): number[] => [
  ...new Set(accelerators.map((each) => Math.floor(each / 8))),
];

describe("placement of jobs", () => {
  it("packs whole nodes in order, beside those that were named", () => {
    const { accelerators, problems } = place(
      { count: 16, placement: "packed" },
      { accelerators: [8, 9] },
      { count: 12, placement: "packed" },
    );
    expect(problems).toEqual([]);
    expect(nodes(accelerators[0])).toEqual([0, 2]);
    expect(nodes(accelerators[2])).toEqual([3, 4]);
    expect(accelerators[2]).toHaveLength(12);
  });

  it("deals nodes in turn to those that alternate", () => {
    const { accelerators } = place(
      { count: 24, placement: "alternate" },
      { count: 8, placement: "packed" },
      { count: 16, placement: "alternate" },
    );
    expect(nodes(accelerators[0])).toEqual([0, 2, 4]);
    expect(nodes(accelerators[2])).toEqual([1, 3]);
    expect(nodes(accelerators[1])).toEqual([5]);
    const half = { count: 32, placement: "alternate" } as const;
    expect(place(half, half).problems).toEqual([]);
  });

  it("never gives an accelerator twice, and each job what it asked for, or says why not", () => {
    const request = fc.oneof(
      fc.record({
        count: fc.integer({ min: 1, max: 40 }),
        placement: fc.constantFrom("packed" as const, "scattered" as const, "alternate" as const),
      }),
      fc.record({ accelerators: fc.uniqueArray(fc.nat(70), { minLength: 1, maxLength: 12 }) }),
    );
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 6 }), (requests) => {
        const { accelerators, problems } = place(...requests);
        if (problems.length > 0) return;
        const all = accelerators.flat();
        expect(new Set(all).size).toBe(all.length);
        requests.forEach((each, job) => {
          expect(accelerators[job]).toHaveLength("count" in each ? each.count : each.accelerators.length);
        });
      }),
    );
  });

  it("says who gets nothing, who is out of range and who takes another's", () => {
    expect(place({ count: 65, placement: "packed" }).problems[0]?.message).toContain("9 whole nodes, 8 are free");
    expect(place({ accelerators: [64] }).problems[0]?.message).toContain("no accelerator 64");
    expect(place({ accelerators: [1] }, { accelerators: [0, 1] }).problems).toEqual([
      { job: 1, message: "accelerator 1 is taken already" },
    ]);
    const { problems } = place({ count: 40, placement: "alternate" }, { count: 40, placement: "alternate" });
    expect(problems.length).toBeGreaterThan(0);
  });
});
