/** The committed evidence: it parses, is complete, and says what the sources say. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { countParameters } from "../../src/catalog/models/index.ts";
import { importEvidence, scenarioOf } from "../../src/evidence/index.ts";
import { resolve, scenarioFromValue, trainingOf } from "../../src/scenario/index.ts";
import { readEvidence, recordsText } from "../../tools/evidence-files.ts";
import { hasShared, sharedFile } from "../shared.ts";

const records = readEvidence();

describe("committed records", () => {
  it("have unique ids, one primary step metric, a source and a short quote", () => {
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    for (const record of records) {
      const primaries = record.measured.filter(({ primary }) => primary);
      if (record.kind === "training-step") expect(primaries, record.id).toHaveLength(1);
      expect(record.source.url, record.id).toMatch(/^https:/);
      expect(record.quote.length, record.id).toBeGreaterThan(0);
      expect(record.quote.length, record.id).toBeLessThanOrEqual(200);
    }
  });

  it("calibrate from MPT on A100 and from Megatron-Bridge's Llama 3 and DeepSeek-V3 rows only", () => {
    for (const record of records.filter(({ use }) => use === "fit")) {
      const model = String(record.workload.model);
      const mpt = record.id.startsWith("mpt-") && JSON.stringify(record.cluster).includes("a100");
      const bridge = record.id.startsWith("mbridge-") && /Llama-3|DeepSeek-V3/.test(model);
      expect(mpt || bridge, record.id).toBe(true);
      expect(record.inferred, record.id).toEqual([]);
    }
  });

  it("give MPT models exactly the parameters that the source's table prints", () => {
    const mpt = records.filter(({ id }) => id.startsWith("mpt-"));
    expect(mpt.length).toBe(198);
    for (const record of mpt) {
      const printed = Number(/\| (\d+) \|$/.exec(record.quote)?.[1]);
      const design = trainingOf(resolve(scenarioFromValue(scenarioOf(record))));
      expect(countParameters(design.training.case.model).total, record.id).toBe(printed);
    }
  });

  it("all resolve: a scenario that the language accepts", () => {
    for (const record of records) expect(() => resolve(scenarioFromValue(scenarioOf(record))), record.id).not.toThrow();
  });

  it.skipIf(!hasShared())("equal a fresh import of the raw rows, none of which is lost", () => {
    const raw = readFileSync(sharedFile("evidence/training.json"), "utf8");
    const { records: fresh, skipped } = importEvidence(raw);
    expect(fresh.length + skipped.length).toBe((JSON.parse(raw) as unknown[]).length);
    for (const { reason } of skipped) expect(reason.length).toBeGreaterThan(10);
    const committed = new Map(records.map((record) => [record.id, recordsText([record])]));
    expect(fresh.filter((record) => committed.get(record.id) !== recordsText([record])).map(({ id }) => id)).toEqual(
      [],
    );
    expect(fresh.length).toBe(records.length);
  });
});
