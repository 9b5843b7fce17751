import { describe, expect, it } from "vitest";
import { trainingCase } from "../../test/training-case.ts";
import { countParameters } from "../catalog/models/index.ts";
import { collectiveSeconds, platformOf } from "../network/index.ts";
import type { TrafficDimension } from "./layout.ts";
import { stepEvaluator } from "./step.ts";
import { type StepTraffic, stepTraffic } from "./traffic.ts";

const common = { sequenceLength: 4096, globalBatch: 256, precision: "bf16" } as const;

function of(traffic: readonly StepTraffic[], dimension: TrafficDimension): StepTraffic {
  const found = traffic.find((each) => each.dimension === dimension);
  if (found === undefined) throw new Error(`nothing of ${dimension}`);
  return found;
}

describe("traffic of a step", () => {
  it("of plain data parallelism is two gradients' bytes of all weights", () => {
    const c = trainingCase({ ...common, model: "llama-3.1-8b", layout: { data: 16, sharding: "none" } });
    const { bytes, size, stride } = of(stepTraffic(c), "data");
    expect([size, stride]).toEqual([16, 1]);
    expect(bytes).toBeCloseTo(2 * c.software.bytes.gradientReduce * countParameters(c.model).total, -3);
  });

  it("of a pipeline is activations there and gradients back, for each chunk", () => {
    const layout = { tensor: 2, pipeline: 4, data: 2, microBatch: 1 } as const;
    const one = of(stepTraffic(trainingCase({ ...common, model: "llama-3.1-8b", layout })), "pipeline");
    expect(one).toMatchObject({ size: 4, stride: 4, operation: "send-receive" });
    expect(one.bytes).toBe((2 * 4096 * 4096 * 2 * 128) / 2);
    const chunked = { ...layout, schedule: "interleaved", virtualStages: 2 } as const;
    const two = of(stepTraffic(trainingCase({ ...common, model: "llama-3.1-8b", layout: chunked })), "pipeline");
    expect(two.bytes).toBe(2 * one.bytes);
  });

  it("of experts is copies to top-k experts, there and back, in both passes", () => {
    const layout = { expert: 8, data: 16, microBatch: 1 } as const;
    const c = trainingCase({ ...common, model: "mistralai/Mixtral-8x7B-v0.1", layout });
    const { bytes, operation } = of(stepTraffic(c), "expert");
    expect(operation).toBe("all-to-all");
    expect(bytes).toBe(32 * 16 * 4096 * 2 * 4096 * 2 * 4);
  });

  it("takes as long as the step says, where nothing is hidden", () => {
    const c = trainingCase({
      ...common,
      model: "llama-3.1-8b",
      layout: { data: 16, pipeline: 2, sharding: "optimizer" },
    });
    const plain = {
      ...c,
      software: { ...c.software, overlap: { ...c.software.overlap, gradientReduce: "off", parameterGather: "off" } },
    } as const;
    const { gradientReduce, parameterGather } = stepEvaluator(plain).evaluate(plain.layout);
    const { bytes, size } = of(stepTraffic(plain), "data");
    const time = collectiveSeconds(platformOf(c.cluster), {
      operation: "reduce-scatter",
      size: bytes,
      group: { size, perDomain: 8, stride: 1 },
    });
    // The two differ by one latency, and by what the operations differ.
    expect(time / (gradientReduce + parameterGather)).toBeGreaterThan(0.9);
    expect(time / (gradientReduce + parameterGather)).toBeLessThan(1.1);
  });

  it("grows with the batch in tensor, context and expert groups, and not in those of weights", () => {
    const layout = { tensor: 2, context: 2, expert: 4, data: 8, pipeline: 2 } as const;
    const at = (globalBatch: number): readonly StepTraffic[] =>
      stepTraffic(trainingCase({ ...common, globalBatch, model: "mistralai/Mixtral-8x7B-v0.1", layout }));
    for (const dimension of ["tensor", "context", "expert", "pipeline"] as const) {
      expect(of(at(512), dimension).bytes / of(at(256), dimension).bytes).toBeCloseTo(2, 9);
    }
    for (const dimension of ["data", "expertData"] as const) {
      expect(of(at(512), dimension).bytes).toBe(of(at(256), dimension).bytes);
    }
  });
});
