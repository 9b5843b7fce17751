import { describe, expect, it } from "vitest";
import type { Generation } from "../accelerator.ts";
import { accelerators } from "../index.ts";
import {
  constantError,
  domainCollectiveError,
  expertExchangeError,
  kernelError,
  nodesCollectiveError,
  widestRunError,
} from "./parts.ts";

const generations: readonly Generation[] = [...new Set(accelerators.entries.map(({ generation }) => generation))];

describe.each(generations)("parts on %s", (generation) => {
  it("have an error between nothing and everything, with its origin", () => {
    const operators = ["gemm", "attention", "experts", "passes"] as const;
    const errors = [
      ...operators.map((operator) => kernelError(operator, generation)),
      domainCollectiveError(generation),
      expertExchangeError(generation),
      nodesCollectiveError,
    ];
    for (const { share, from } of errors) {
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(1);
      expect(from).not.toBe("");
    }
  });
});

describe("errors of parts", () => {
  it("say whose tables they are", () => {
    expect(kernelError("gemm", "hopper").from).toBe("tables of matrix products on hopper");
    expect(kernelError("gemm", "tpu-v4").from).toContain("tpu-v4 has no tables");
    expect(domainCollectiveError("gaudi2").from).toContain("gaudi2 has none");
  });

  it("of constants are those of the runs that judged them", () => {
    expect(constantError("launch")).toMatchObject({
      share: expect.any(Number),
      from: expect.stringMatching(/^\d+ runs: /),
    });
  });

  it("of runs that were not measured are the widest of their class", () => {
    for (const architecture of ["dense", "moe", "hybrid", "unheard-of"]) {
      const { less, more } = widestRunError(architecture);
      expect(less).toBeGreaterThan(0);
      expect(less).toBeLessThan(1);
      expect(more).toBeGreaterThan(0.1);
    }
    expect(widestRunError("unheard-of").more).toBeGreaterThanOrEqual(widestRunError("dense").more);
  });
});
