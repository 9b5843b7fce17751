/** Accuracy of the closed forms on records and sizes they were not fitted on; limits stand a little above today's. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedRoot } from "../../../test/shared.ts";
import { fitCurve, fitted, judgedExponents } from "./curve.ts";
import { type Judged, judge } from "./judge.ts";
import { mean, median, systemRows } from "./tables.ts";

const present = hasShared();

// The body of a skipped suite runs too, so it must not read what is absent.
describe.skipIf(!present)("collectives against measured rows", () => {
  const rows = present ? judge(sharedRoot()) : [];
  const errors = (wanted: (row: Judged) => boolean): number[] => {
    const list = rows.filter(wanted).map((row) => Math.abs(row.error));
    expect(list.length).toBeGreaterThan(0);
    return list;
  };
  const nvlink = ["hgx-a100", "hgx-h100", "hgx-h200", "hgx-b200", "gb200-nvl72"];
  for (const platform of nvlink) {
    const own = (row: Judged): boolean => row.group === "tables" && row.platform === platform;
    it(`${platform}: one-node all-reduce at sizes never fitted within 8 %`, () => {
      const all = (row: Judged): boolean => own(row) && row.operation === "all-reduce";
      expect(mean(errors(all))).toBeLessThan(0.08);
      expect(median(errors((row) => all(row) && row.size >= 2 ** 24))).toBeLessThan(0.04);
    });
    it(`${platform}: other operations within 12 %, from 16 MiB within 6 %`, () => {
      for (const operation of ["all-gather", "reduce-scatter", "all-to-all"]) {
        const all = (row: Judged): boolean => own(row) && row.operation === operation;
        expect(mean(errors(all))).toBeLessThan(0.12);
        expect(mean(errors((row) => all(row) && row.size >= 2 ** 24))).toBeLessThan(0.06);
      }
    });
  }
  it("other records of all-reduce from 16 MiB, none of which informed a constant", () => {
    const large = (row: Judged): boolean =>
      row.group === "independent" && !row.informed && row.operation === "all-reduce" && row.size >= 2 ** 24;
    expect(median(errors((row) => large(row) && row.domains === 1))).toBeLessThan(0.03);
    expect(mean(errors((row) => large(row) && row.domains > 1))).toBeLessThan(0.06);
  });
  it("records that informed a constant are met", () => {
    const informed = (row: Judged): boolean => row.informed && row.group === "independent" && row.size >= 2 ** 24;
    expect(mean(errors(informed))).toBeLessThan(0.03);
  });
  it("DeepEP on 1 to 4 nodes of H100 within 8 % at token counts never fitted", () => {
    expect(mean(errors((row) => row.id.startsWith("aic-deepep-normal")))).toBeLessThan(0.08);
    expect(mean(errors((row) => row.id.startsWith("deepep-v1")))).toBeLessThan(0.08);
  });
  it("the judged sizes are those of the records, and no curve has seen them", async () => {
    const records = JSON.parse(readFileSync(`${sharedRoot()}/evidence/network.json`, "utf8")) as {
      id: string;
      measured: { message_bytes: number }[];
    }[];
    const sizes = new Set(
      records
        .filter((record) => record.id.startsWith("aic-nccl"))
        .flatMap((record) => record.measured.map((row) => Math.log2(row.message_bytes))),
    );
    expect([...sizes].sort((a, b) => a - b)).toEqual(judgedExponents);
    const { rows: table } = await systemRows(sharedRoot(), "a100_sxm", "nccl", "nccl_perf");
    expect(table.length).toBeGreaterThan(0);
  });
});

describe("curve", () => {
  it("passes through monotone points and never falls", () => {
    const points = [9, 11, 12, 15, 18, 21, 25].map((exponent) => ({ exponent, seconds: 1e-5 + 2 ** exponent * 1e-11 }));
    const fit = fitCurve(points);
    for (const point of points) expect(fitted(fit, point.exponent) / point.seconds).toBeCloseTo(1, 9);
    for (let i = 1; i < fit.seconds.length; i++) expect(fit.seconds[i]!).toBeGreaterThanOrEqual(fit.seconds[i - 1]!);
    expect(fitted(fit, 30) / (1e-5 + 2 ** 30 * 1e-11)).toBeCloseTo(1, 2);
  });
  it("flattens a point that falls", () => {
    const fit = fitCurve([
      { exponent: 9, seconds: 2e-6 },
      { exponent: 10, seconds: 1e-6 },
      { exponent: 11, seconds: 3e-6 },
    ]);
    expect(fit.seconds[0]).toBeCloseTo(Math.sqrt(2) * 1e-6, 9);
    expect(fit.seconds[1]).toBeCloseTo(Math.sqrt(2) * 1e-6, 9);
  });
});
