import { describe, expect, it } from "vitest";
import { plainSettings, runReplica, stepTimeOf } from "../../../test/serving/one-replica.ts";
import { RequestListBuilder } from "../../workload/request/list.ts";

/** A request that decodes all the time, and others that come while it does; iterations take a second each. */
function firstPlans(arrivals: readonly number[], receiveInterval: number): readonly number[] {
  const builder = new RequestListBuilder({ chunkTokens: 4 });
  for (const release of [0, ...arrivals]) builder.add({ release, input: 8, output: release === 0 ? 100 : 2 });
  const settings = { ...plainSettings, batching: "sglang", blocks: 400, blockTokens: 4, options: { receiveInterval } };
  const { state } = runReplica({ requests: builder.done(), settings, step: stepTimeOf(() => 1) });
  return arrivals.map((_, index) => state.queued[index + 1]!);
}

describe("looks for requests", () => {
  it("come before every iteration, or every n-th of decodes", () => {
    expect(firstPlans([3.5, 14.5], 1)).toEqual([4, 15]);
    // The first prompt is computed in iteration 0, so looks are at 1, 11 and, had nobody come, 21.
    const [first, second] = firstPlans([3.5, 14.5], 10);
    expect(first).toBe(11);
    // The prompt at 11 is followed by a look at 12; the next is ten decodes later.
    expect(second).toBe(22);
  });

  it("take together who came between them", () => {
    const times = firstPlans([2.5, 4.5, 9.5], 10);
    expect(new Set(times).size).toBe(1);
  });

  it("follow at once where nothing runs", () => {
    const builder = new RequestListBuilder({ chunkTokens: 4 });
    for (const release of [0, 50.5]) builder.add({ release, input: 8, output: 4 });
    const settings = {
      ...plainSettings,
      batching: "sglang",
      blocks: 400,
      blockTokens: 4,
      options: { receiveInterval: 30 },
    };
    const { state } = runReplica({ requests: builder.done(), settings, step: stepTimeOf(() => 1) });
    expect(state.queued[1]).toBe(50.5);
  });
});
