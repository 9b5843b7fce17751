import { describe, expect, it } from "vitest";
import { plainSettings, runReplica, stepTimeOf } from "../../../test/serving/one-replica.ts";
import { RequestListBuilder } from "../../workload/request/list.ts";
import type { Rank } from "../engine/rank.ts";
import type { EngineSettings } from "../engine/settings.ts";
import { gateOf, type Outlook } from "./tensorrt-llm-waiting.ts";

type Told = EngineSettings["options"] & object;

/** What the gate says of iterations whose ranks look so: prompts and generating sequences of each. */
function said(options: Told, iterations: readonly (readonly (readonly [number, number])[])[]): string {
  const dataParallel = iterations[0]?.length ?? 1;
  const settings = { ...plainSettings, maxSequences: 8, maxBatchedTokens: 100, dataParallel, options };
  const gate = gateOf(settings, (rank) => rank as unknown as Outlook);
  return iterations
    .map((ranks) => {
      const looks = ranks.map(([prompts, generating]) => ({
        ...{ prompts, promptTokens: 20 * prompts, generating, tokens: generating },
      }));
      return gate?.(looks as unknown as readonly Rank[]) === "held" ? "-" : "+";
    })
    .join("");
}

const one = [
  [1, 4],
  [0, 4],
] as const;
const both = [
  [1, 4],
  [2, 4],
] as const;

describe("prompts of attention data-parallel ranks", () => {
  const balance = { balance: "on", balanceTimeout: 4, balanceWait: 0 };

  it("wait until every rank has one", () => {
    expect(said(balance, [one, one, both, one])).toBe("--+-");
  });

  it("wait no longer than they may; the count runs while there is none", () => {
    expect(said(balance, [one, one, one, one, one, one, one, one])).toBe("---+---+");
    const none = [
      [0, 4],
      [0, 4],
    ] as const;
    expect(said(balance, [none, none, none, one])).toBe("---+");
  });

  it("wait on for others once every rank has one, where they are told to", () => {
    expect(said({ ...balance, balanceWait: 2 }, [both, both, both, both])).toBe("--+-");
    // Fifty and ten where nothing is told.
    expect(
      said(
        { balance: "on" },
        Array.from({ length: 12 }, () => both),
      ),
    ).toBe("----------+-");
    expect(
      said(
        { balance: "on" },
        Array.from({ length: 51 }, () => one),
      ).indexOf("+"),
    ).toBe(49);
  });

  it("do not wait where a rank generates nothing, and wait where one has no place", () => {
    const idle = [
      [1, 4],
      [0, 0],
    ] as const;
    const full = [
      [1, 8],
      [1, 4],
    ] as const;
    expect(said(balance, [idle, idle])).toBe("++");
    expect(said(balance, [full, both])).toBe("-+");
  });

  it("never wait without balance", () => {
    expect(gateOf({ ...plainSettings, dataParallel: 2 }, (rank) => rank as unknown as Outlook)).toBeUndefined();
  });
});

describe("prompts of one rank", () => {
  it("wait until an iteration is full enough, or long enough", () => {
    const fill = { batchWaitIterations: 3, batchWaitShare: 0.5 };
    const [few, many, alone] = [[[1, 4]], [[3, 4]], [[1, 0]]] as const;
    expect(said(fill, [few, few, many, few, few, few, few])).toBe("--+---+");
    expect(said(fill, [alone])).toBe("+");
  });

  it("never wait without both numbers, nor with attention data parallelism", () => {
    const gate = (dataParallel: number, options: Told) =>
      gateOf({ ...plainSettings, dataParallel, options }, (rank) => rank as unknown as Outlook);
    expect(gate(1, { batchWaitIterations: 3 })).toBeUndefined();
    expect(gate(1, { batchWaitShare: 0.5 })).toBeUndefined();
    expect(gate(2, { batchWaitIterations: 3, batchWaitShare: 0.5 })).toBeUndefined();
  });
});

describe("a replica of two ranks", () => {
  /** Iterations with prompts, and ranks that had one in each. */
  function run(options: Told) {
    const builder = new RequestListBuilder({ chunkTokens: 4 });
    for (let index = 0; index < 24; index++) builder.add({ release: 2.3 * index, input: 32, output: 40 });
    const together: number[] = [];
    const change = { batching: "tensorrt-llm", blockTokens: 4, blocks: 1000, dataParallel: 2, maxBatchedTokens: 64 };
    const { state } = runReplica({
      requests: builder.done(),
      settings: { ...plainSettings, ...change, options },
      step: stepTimeOf(({ prefillTokens }) => (prefillTokens > 0 ? 1.2 : 1)),
      observer: (_, plans) => {
        const ranks = plans.filter(({ batch }) => batch.prefills > 0).length;
        if (ranks > 0) together.push(ranks);
      },
    });
    return { together, made: [...state.made].every((tokens) => tokens === 72) };
  }

  it("computes prompts of both together, fewer times, and ends all requests", () => {
    const eager = run({});
    const balanced = run({ balance: "on", balanceTimeout: 30, balanceWait: 0 });
    expect(eager.made && balanced.made).toBe(true);
    const shared = (list: readonly number[]): number => list.filter((ranks) => ranks === 2).length / list.length;
    expect(balanced.together.length).toBeLessThan(eager.together.length);
    expect(shared(balanced.together)).toBeGreaterThan(shared(eager.together));
  });
});
