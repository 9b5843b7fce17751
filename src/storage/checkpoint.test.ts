import { describe, expect, it } from "vitest";
import { checkpointTimes } from "./index.ts";

const work = { size: 5.68e12, ranks: 16_384, nodes: 2048, readers: 2048, link: 63e9 };

describe("a checkpoint of 405B", () => {
  it("takes 2.8 s to a store of 2 TB/s, while copies take milliseconds", () => {
    const { copy, persist, load } = checkpointTimes(work, { write: 2e12, read: 2e12, perNode: 50e9 });
    expect(copy).toBeCloseTo(0.0069, 4);
    expect(persist).toBeCloseTo(2.84, 2);
    expect(load).toBeCloseTo(2.84 + copy, 2);
  });

  it("is bound by the nodes where they are slower than the store", () => {
    const { persist } = checkpointTimes(work, { write: 2e12, perNode: 1e8 });
    expect(persist).toBeCloseTo(5.68e12 / 2048 / 1e8, 6);
    expect(checkpointTimes(work, { perNode: 1e8 }).persist).toBe(persist);
  });

  it("takes longer when fewer write it", () => {
    const one = checkpointTimes({ ...work, ranks: 128, nodes: 16 }, { write: 2e12, perNode: 50e9 });
    expect(one.copy).toBeCloseTo(5.68e12 / 128 / 0.8 / 63e9, 9);
    expect(one.persist).toBeCloseTo(5.68e12 / 16 / 50e9, 9);
  });

  it("needs links", () => {
    expect(() => checkpointTimes({ ...work, link: 0 }, { perNode: 1 })).toThrow("over 0 B/s");
  });
});
