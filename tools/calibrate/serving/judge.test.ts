/** Runs that nobody fitted on, under the committed constants and the quick loop. */
import { describe, expect, it } from "vitest";
import { fittedServing } from "../../../src/catalog/calibration/serving.generated.ts";
import { hasShared, sharedRoot } from "../../../test/shared.ts";
import { blisRows } from "./blis.ts";
import { errorsOf, type Metric, summary } from "./judge.ts";
import { siliconRows } from "./silicon.ts";

describe("step times against measured runs", () => {
  if (!hasShared()) {
    it.skip("skipped without the shared data", () => undefined);
    return;
  }
  const judged = blisRows(sharedRoot()).filter(({ source }) => source === "blis-gt");
  const limits: readonly (readonly [Metric, number])[] = [
    ["endToEnd", 0.06],
    ["firstToken", 0.14],
    ["perToken", 0.06],
  ];

  it.each(limits)("of blis-gt: median %s within %d", (metric, limit) => {
    expect(judged).toHaveLength(19);
    expect(summary(metric, errorsOf(judged, metric)).median).toBeLessThanOrEqual(limit);
  });

  it("of Llama-3.1-70B under two engines: median time per token within 10 %, nine in ten within 30 %", () => {
    const rows = siliconRows(sharedRoot()).filter(
      ({ model, workload }) => /70B/.test(model) && (workload.users ?? 0) <= 64,
    );
    const error = summary("perToken", errorsOf(rows, "perToken"));
    expect(error.rows).toBeGreaterThan(100);
    expect(error.median).toBeLessThanOrEqual(0.1);
    expect(error.p90).toBeLessThanOrEqual(0.3);
  });

  it("are what the committed provenance says", () => {
    const [entry] = fittedServing.provenance;
    const stated = entry?.judged.find(({ on, metric }) => on === "blis-gt" && metric === "endToEnd");
    const found = summary("endToEnd", errorsOf(judged, "endToEnd"));
    expect(stated?.median).toBeCloseTo(found.median, 3);
  });
});
