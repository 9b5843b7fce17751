/**
 * The committed evidence of serving: it resolves, is complete, and a sample of it errs as committed. All of it is
 * replayed by `npm run check:evidence`, which prints what is promised beside its limit.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ProblemError } from "../../src/base/problem.ts";
import { type EvidenceRecord, type Line, reportOf, scenarioOf } from "../../src/evidence/index.ts";
import { resolve, scenarioFromValue } from "../../src/scenario/index.ts";
import { evidenceFolder } from "../../tools/evidence-files.ts";
import {
  importServing,
  readServingEvidence,
  replayServing,
  servingAccuracy,
  servingTexts,
  servingTraces,
} from "../../tools/evidence-serving.ts";
import { servingFigures } from "../../tools/serving-figures.ts";
import { hasShared } from "../shared.ts";

const records = readServingEvidence();
const text = (name: string): string => readFileSync(join(evidenceFolder, name), "utf8");
type Errors = Readonly<Record<string, Readonly<Record<string, number | string>>>>;
const committed = JSON.parse(text("serving.accuracy.json")) as Errors;

describe("committed records of serving", () => {
  it("have unique ids, a public source and a short quote", () => {
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    for (const { id, source, quote } of records) {
      expect(source.url, id).toMatch(/^https:/);
      expect(quote.length, id).toBeGreaterThan(0);
      expect(quote.length, id).toBeLessThanOrEqual(200);
    }
  });

  it("are fitted on BLIS training runs that keep up, and on nothing else", () => {
    const fitted = records.filter(({ use }) => use === "fit");
    expect(fitted).toHaveLength(20);
    for (const { id, measured } of fitted) {
      expect(id).toMatch(/^blis-train-/);
      expect(measured.some(({ metric }) => metric === "verdict")).toBe(false);
    }
  });

  it("all resolve, or are refused by name by the support matrix and for nothing else", () => {
    const traces = servingTraces();
    const problemsOf = (record: EvidenceRecord): readonly string[] => {
      try {
        resolve(scenarioFromValue(scenarioOf(record)), traces);
        return [];
      } catch (error) {
        if (error instanceof ProblemError) return error.problems.map(({ message }) => message);
        throw error;
      }
    };
    for (const record of records) {
      for (const message of problemsOf(record)) expect(message, record.id).toMatch(/: not modelled yet/);
    }
  }, 120_000);

  it("all have an error or a reason", () => {
    expect(Object.keys(committed).sort()).toEqual(records.map(({ id }) => id).sort());
    for (const [id, errors] of Object.entries(committed)) {
      expect(Object.keys(errors).length, id).toBeGreaterThan(0);
      for (const error of Object.values(errors)) expect(error, id).not.toBe("");
    }
  });

  it.skipIf(!hasShared())("equal a fresh import of the raw rows, none of which is lost", () => {
    const { records: fresh, skipped } = importServing();
    for (const [name, expected] of servingTexts(fresh)) expect(text(name) === expected, name).toBe(true);
    expect(`${JSON.stringify(skipped, null, 1)}\n`).toBe(text("serving.skipped.json"));
  });
});

// Every fortieth, without the long lists of stages, and some open loops; a mixture of sources and engines.
const chosen = ({ id }: EvidenceRecord, index: number): boolean =>
  /^blis-gt-6[256]-/.test(id) || (index % 40 === 0 && !id.startsWith("llmd-"));
const sample = records.filter(chosen);
const replayed = await replayServing(sample);

describe("a sample of them", () => {
  const lines: readonly Line[] = replayed.flatMap((entry) => entry.lines);

  it("errs as committed: run tools/evidence-serving.ts --write and say in the commit what got worse", () => {
    const fresh = servingAccuracy(replayed);
    expect(Object.keys(fresh).length).toBeGreaterThan(40);
    for (const [id, errors] of Object.entries(fresh)) expect(errors, id).toEqual(committed[id]);
  });

  it("is grouped by engine, accelerator, source and load", () => {
    const { groups } = reportOf(replayed);
    const stated = sample.filter(({ inferred, anomaly }) => inferred.length === 0 && anomaly === undefined);
    const nameOf = ({ serving }: EvidenceRecord): unknown =>
      (serving?.engine as { readonly name?: string } | undefined)?.name;
    const engines = new Set(stated.map(nameOf));
    for (const by of ["engine", "software", "accelerator", "architecture", "source"] as const) {
      const own = groups.filter((group) => group.by === by);
      expect(own.length, by).toBeGreaterThan(0);
      if (by === "engine") expect(new Set(own.map(({ key }) => key))).toEqual(engines);
    }
  });

  it("has a load where clients do not wait for answers, and only there", () => {
    const open = new Set(
      sample.filter(({ workload }) => "arrivals" in (workload.requests as object)).map(({ id }) => id),
    );
    expect(open.size).toBeGreaterThan(2);
    for (const { id, load, predicted } of lines) {
      if (predicted !== null) expect(load !== undefined, id).toBe(open.has(id));
    }
  });

  it("gives figures with limits", () => {
    const limited = servingFigures(replayed).filter(({ limit }) => limit !== undefined);
    expect(limited.length).toBeGreaterThan(5);
  });
});
