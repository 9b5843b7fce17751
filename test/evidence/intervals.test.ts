/**
 * Intervals hold what a source that was left out measured: nominal 90 %, checked on every committed ratio of predicted
 * and measured. Docs: docs/models/uncertainty.md, whose table is these figures.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { accuracyTable } from "../../src/catalog/accuracy/accuracy.generated.ts";
import { servingAccuracyTable } from "../../src/catalog/accuracy/serving.generated.ts";
import { accuracyClasses, type LeftOut, leftOut, type Ratio } from "../../src/evidence/index.ts";
import { repository } from "../../tools/evidence-files.ts";
import { readRatios } from "../../tools/ratios-file.ts";

const training = readRatios("training");
const serving = readRatios("serving");
const all: readonly Ratio[] = [...training, ...serving];
const kinds = [...new Set(all.map(({ kind }) => kind))];
const judged: readonly LeftOut[] = kinds
  .map((kind) =>
    leftOut(
      kind,
      all.filter((each) => each.kind === kind),
    ),
  )
  .filter(({ sources }) => sources > 1);

/** Mean over everything judged, one source of one kind counting as one. */
const bySource =
  judged.reduce((sum, { coveredBySource, sources }) => sum + coveredBySource * sources, 0) /
  judged.reduce((sum, { sources }) => sum + sources, 0);
const byValue =
  judged.reduce((sum, { covered, values }) => sum + covered * values, 0) /
  judged.reduce((sum, { values }) => sum + values, 0);

const percent = (share: number): string => (100 * share).toFixed(1);

describe("intervals of sources that were left out", () => {
  it("hold 85 to 95 % of their values, and of each source on average", () => {
    expect(byValue).toBeGreaterThanOrEqual(0.85);
    expect(byValue).toBeLessThanOrEqual(0.95);
    expect(bySource).toBeGreaterThanOrEqual(0.85);
    expect(bySource).toBeLessThanOrEqual(0.95);
  });

  it("hold at least eight of ten of each kind", () => {
    for (const { kind, covered, coveredBySource } of judged) {
      expect(covered, kind).toBeGreaterThanOrEqual(0.85);
      expect(coveredBySource, kind).toBeGreaterThanOrEqual(0.8);
    }
  });

  it("are those that predictions use", () => {
    expect(accuracyTable.classes).toEqual(accuracyClasses(training));
    expect(servingAccuracyTable.classes).toEqual(accuracyClasses(serving));
  });

  it("are as wide and as sure as the page says", () => {
    const page = readFileSync(join(repository, "docs/models/uncertainty.md"), "utf8");
    const rows = judged.map(
      ({ kind, values, sources, covered, coveredBySource, halfWidth, error }) =>
        `| ${kind} | ${values} | ${sources} | ${percent(covered)} % | ${percent(coveredBySource)} % | ${percent(halfWidth)} % | ${percent(error)} % | ${(halfWidth / error).toFixed(1)} |`,
    );
    rows.push(`| all | | | ${percent(byValue)} % | ${percent(bySource)} % | | | |`);
    for (const row of rows) expect(page).toContain(row);
  });
});
