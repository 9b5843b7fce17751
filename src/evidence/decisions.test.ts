import { describe, expect, it } from "vitest";
import { decisionsOf } from "./decisions.ts";
import type { Replayed } from "./replay.ts";

/** A run of 1,024 tokens a step on 8 accelerators with a measured and a predicted step time. */
function run(
  measured: number,
  predicted: number | null,
  options: { inferred?: string[]; metric?: string } = {},
): Replayed {
  const line = {
    id: `run-${measured}`,
    kind: "training-step",
    source: "a source",
    metric: options.metric ?? "stepTime",
    primary: true,
    measured,
    predicted,
    error: predicted === null ? null : predicted / measured - 1,
  };
  const record = {
    kind: "training-step",
    source: { title: "a source", url: "", where: "", year: 2024 },
    workload: { model: "org/model", sequenceLength: 128, globalBatch: 8 },
    inferred: options.inferred ?? [],
  } as unknown as Replayed["record"];
  const features = {
    accelerator: "h100-sxm",
    generation: "hopper",
    accelerators: 8,
    software: "s@1",
    architecture: "dense" as const,
    model: "org/model",
    parameters: 1e9,
    sequence: 128,
  };
  return { record, stated: record.inferred.length === 0, lines: [line], calls: [undefined], features };
}

describe("decisionsOf", () => {
  it("judges pairs measured more than 5 % apart; a tie is not right", () => {
    const [decision] = decisionsOf([run(1, 1), run(1.04, 1.5), run(1.2, 1.01)], 0.02);
    // 1 against 1.04 is too close to judge; 1 against 1.2 is predicted as a tie; 1.04 against 1.2 the wrong way.
    expect(decision).toMatchObject({ pairs: 2, rightOrder: 0, cannotTell: 1 });
    expect(decision?.meanRegret).toBeCloseTo((1.2 / 1.04 - 1) / 2, 12);
  });

  it("orders times downwards and rates upwards", () => {
    expect(decisionsOf([run(1, 1), run(2, 2)], 0.02)[0]).toMatchObject({ pairs: 1, rightOrder: 1, meanRegret: 0 });
    const rate = { metric: "tokensPerSecond" };
    const [wrong] = decisionsOf([run(100, 200, rate), run(200, 100, rate)], 0.02);
    expect(wrong).toMatchObject({ pairs: 1, rightOrder: 0, cannotTell: 0 });
    expect(wrong?.meanRegret).toBeCloseTo(1, 12);
  });

  it("leaves out failed and inferred runs", () => {
    expect(decisionsOf([run(1, 1), run(2, null), run(3, 3, { inferred: ["layout"] })], 0.02)).toEqual([]);
  });
});
