/** The ratchet: the error on every record is the committed one, so that a change of the models shows in the file. */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type AccuracyFile,
  accuracyFile,
  type Replayed,
  ratiosOf,
  replay,
  reportOf,
} from "../../src/evidence/index.ts";
import { accuracyPath, readEvidence } from "../../tools/evidence-files.ts";
import { readRatios } from "../../tools/ratios-file.ts";

const tolerance = 1e-4 + 1e-9;

describe("accuracy.json", () => {
  let replayed: readonly Replayed[] = [];
  let fresh: AccuracyFile;
  const committed = JSON.parse(readFileSync(accuracyPath, "utf8")) as AccuracyFile;
  beforeAll(() => {
    replayed = readEvidence().map((record) => replay(record));
    fresh = accuracyFile(replayed);
  }, 120_000);

  it("states the error on every record; run `npx tsx tools/accuracy.ts` and say in the commit what got worse", () => {
    const different = Object.entries(fresh.records).flatMap(([id, errors]) =>
      Object.entries(errors).flatMap(([metric, error]) => {
        const stated = committed.records[id]?.[metric];
        const same =
          typeof error === "number" && typeof stated === "number"
            ? Math.abs(error - stated) <= tolerance
            : typeof error === typeof stated;
        return same ? [] : [`${id} ${metric}: ${stated} is now ${error}`];
      }),
    );
    expect(different.slice(0, 20)).toEqual([]);
    expect(Object.keys(committed.records).sort()).toEqual(Object.keys(fresh.records).sort());
  });

  it("summarises what it states", () => {
    expect(fresh.summary).toEqual(committed.summary);
    expect(fresh.decisions).toEqual(committed.decisions);
  });

  it("states the ratios that intervals are made of", () => {
    const sorted = (list: readonly { readonly ratio: number }[]) =>
      list.map(({ ratio }) => ratio).sort((a, b) => a - b);
    const [fresh, committed] = [sorted(ratiosOf(replayed)), sorted(readRatios("training"))];
    expect(committed).toHaveLength(fresh.length);
    const off = committed.filter((ratio, index) => Math.abs(ratio - (fresh[index] ?? 0)) > 2e-4);
    expect(off).toEqual([]);
  });

  it("gives every record a prediction or a reason", () => {
    for (const { lines } of replayed) {
      for (const line of lines) expect(line.predicted !== null || (line.reason ?? "") !== "", line.id).toBe(true);
    }
  });

  it("counts every primary once, stated and inferred apart", () => {
    const { summary } = reportOf(replayed);
    const counted = Object.values(summary).flatMap((metrics) => Object.values(metrics).map(({ count }) => count));
    const primaries = replayed.flatMap(({ lines }) => lines.filter(({ primary }) => primary));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(primaries.length);
    expect(Object.keys(summary)).toContain("training-step-inferred");
  });

  it("predicts the 16 memory values of Korthikanti's figure within 3 %", () => {
    const lines = replayed.filter(({ record }) => record.kind === "training-memory").flatMap((entry) => entry.lines);
    expect(lines).toHaveLength(16);
    for (const { id, metric, error } of lines)
      expect(Math.abs(error ?? 1), `${id} ${metric}`).toBeLessThanOrEqual(0.03);
  });
});
