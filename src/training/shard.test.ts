import { describe, expect, it } from "vitest";
import { trainingCase } from "../../test/training-case.ts";
import { accumulationBytes } from "./shard.ts";

describe("summing gradients of micro-batches", () => {
  const bytes = (
    software: string,
    globalBatch: number,
    sharding: "none" | "optimizer" | "gradients" = "none",
  ): number => {
    return accumulationBytes(trainingCase({ model: "llama-3.1-8b", software, globalBatch, layout: { sharding } }));
  };

  it("moves the result and the sum twice where it is a pass of its own", () => {
    expect(bytes("megatron@2021", 8)).toBe(10);
    expect(bytes("megatron@2022", 8)).toBe(0);
    expect(bytes("megatron-core@2024.07", 8)).toBe(0);
  });

  it("costs nothing for the first micro-batch of a sum in 16 bit", () => {
    expect(bytes("megatron-deepspeed@2022", 1)).toBe(0);
    expect(bytes("megatron-deepspeed@2022", 4)).toBeCloseTo(6 * 0.75, 12);
  });

  it("is left out where gradients are sharded before they are summed", () => {
    expect(bytes("megatron-deepspeed@2022", 4, "optimizer")).toBeGreaterThan(0);
    expect(bytes("megatron-deepspeed@2022", 4, "gradients")).toBe(0);
  });
});
