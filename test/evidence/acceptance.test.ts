/** The interval that logs are judged by, on published measurements: few sound runs may fail it. */
import { describe, expect, it } from "vitest";
import { expectedTime } from "../../src/evidence/accept/expected.ts";
import { type Judged, judge } from "../../tools/calibrate/network/judge.ts";
import { hasShared, sharedRoot } from "../shared.ts";

const shared = hasShared();

/** Runs slower than the interval, and all of them. */
function slowOf(rows: readonly Judged[]): readonly [slow: number, all: number] {
  const slow = rows.filter(({ id, predicted, measured, size, domains }) => {
    const link = id.includes("l40s") || id.includes("a40") ? "pcie" : "nvlink";
    return measured > expectedTime(predicted, { size, domains, link }).slowest;
  });
  return [slow.length, rows.length];
}

describe.skipIf(!shared)("acceptance of published runs", () => {
  const rows = shared ? judge(sharedRoot()) : [];
  const large = rows.filter(({ size }) => size >= 2 ** 24);
  const share = ([slow, all]: readonly [number, number]): number => slow / all;

  it("fails less than one in ten of the tables, and of runs that nothing was fitted on, from 16 MiB up", () => {
    expect(share(slowOf(rows.filter(({ group }) => group === "tables")))).toBeLessThan(0.02);
    const independent = large.filter(({ group }) => group === "independent");
    expect(independent.length).toBeGreaterThan(50);
    expect(share(slowOf(independent))).toBeLessThan(0.1);
  });

  it("would fail every large one at half of its bandwidth", () => {
    const halved = large
      .filter(({ group, id }) => group === "independent" && !id.includes("simai"))
      .map((row) => ({ ...row, measured: 2 * row.predicted }));
    const [slow, all] = slowOf(halved);
    expect(slow).toBe(all);
  });
});
