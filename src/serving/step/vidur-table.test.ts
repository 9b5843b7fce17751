import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFile } from "../../../test/shared.ts";
import { checkTerm } from "../../base/term.ts";
import { Batch } from "./batch.ts";
import { readVidurTable, vidurStepTime } from "./vidur-table.ts";

describe("Vidur's step table", () => {
  if (!hasShared()) {
    it.skip("skipped without the shared data", () => undefined);
    return;
  }
  const content = readFileSync(sharedFile("data/serving-runs/vidur-ref/steptable-llama3-8b-a100.json"), "utf8");
  const step = vidurStepTime(readVidurTable(content));

  // The peer's own forests lie 0.04 % above the formulas behind them for these two chunks.
  it("gives the published times of one request of 1000 in and 20 out, chunk 512", () => {
    const batch = new Batch();
    batch.addPrefill(512, 0);
    let first = step.time([batch]);
    batch.clear();
    batch.addPrefill(488, 512);
    first += step.time([batch]);
    expect(first / 73.576e-3 - 1).toBeCloseTo(0, 3);
    let rest = 0;
    for (let token = 1; token < 20; token++) {
      batch.clear();
      batch.addDecode(1, 999 + token);
      rest += step.time([batch]);
    }
    expect(rest / 19 / 10.706e-3 - 1).toBeCloseTo(0, 3);
  });

  it("opens up into parts that add up", () => {
    const batch = new Batch();
    batch.addPrefill(300, 64);
    for (let n = 0; n < 9; n++) batch.addDecode(1, 100 * n);
    const terms = step.terms([batch]);
    checkTerm(terms);
    expect(terms.value).toBeCloseTo(step.time([batch]), 12);
  });

  it("refuses what is no table", () => {
    expect(() => readVidurTable("{}")).toThrow("linear_ms");
  });
});
