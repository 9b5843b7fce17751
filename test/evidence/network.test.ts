/** The committed evidence of collectives: it equals a fresh import, its errors are those committed, limits are met. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importEvidence, replay, reportOf } from "../../src/evidence/index.ts";
import { evidenceFolder, recordsText } from "../../tools/evidence-files.ts";
import { accuracyText, networkAccuracy, networkFigures, readNetworkEvidence } from "../../tools/evidence-network.ts";
import { hasShared, sharedFile } from "../shared.ts";

const records = readNetworkEvidence();
const replayed = records.map((record) => replay(record));
const text = (name: string): string => readFileSync(join(evidenceFolder, name), "utf8");

describe("records of collectives", () => {
  it("have unique ids, a source, a size for every value, and all are predicted", () => {
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    for (const { record, lines } of replayed) {
      expect(record.source.url, record.id).toMatch(/^https:/);
      for (const line of lines) {
        expect(line.at?.size, record.id).toBeDefined();
        expect(line.reason, record.id).toBeUndefined();
        expect(line.predicted, record.id).toBeGreaterThan(0);
      }
    }
  });

  it("say of which machines the models saw other sizes, and which informed a constant", () => {
    const tables = records.filter(({ id }) => id.startsWith("aic-nccl-"));
    expect(tables).toHaveLength(40);
    for (const { id, calibration, use } of tables) {
      expect(use).toBe("judge");
      // GB300 answers from GB200's curves: its own table was never fitted.
      expect(calibration === undefined, id).toBe(id.includes("gb300"));
    }
    expect(records.find(({ id }) => id.startsWith("coreweave"))?.use).toBe("fit");
    for (const { id, anomaly } of records) {
      expect(anomaly === undefined, id).toBe(!/^nccl-tests-(175|232)/.test(id));
    }
  });

  it("meet the promised limits", () => {
    const limited = networkFigures(replayed).filter(({ ok }) => ok !== undefined);
    expect(limited).toHaveLength(6);
    for (const { name, ok, value } of limited) expect(ok, `${name}: ${value}`).toBe(true);
  });

  it("err as committed: a change that moves one says so in evidence/network.accuracy.json", () => {
    expect(accuracyText(networkAccuracy(replayed))).toBe(text("network.accuracy.json"));
  });

  it.skipIf(!hasShared())("equal a fresh import of the raw rows, none of which is lost", () => {
    const raw = readFileSync(sharedFile("evidence/network.json"), "utf8");
    const { records: fresh, skipped } = importEvidence(raw);
    expect(fresh.length + skipped.length).toBe((JSON.parse(raw) as unknown[]).length);
    expect(recordsText(fresh)).toBe(text("network.json"));
    expect(`${JSON.stringify(skipped, null, 1)}\n`).toBe(text("network.skipped.json"));
    for (const { reason } of skipped) expect(reason.length).toBeGreaterThan(10);
  });
});

describe("their report", () => {
  const { groups, summary } = reportOf(replayed);
  const keys = (by: string): readonly string[] => [
    ...new Set(groups.filter((group) => group.by === by).map(({ key }) => key)),
  ];

  it("groups by accelerator, operation and size, the largest sizes once more by themselves", () => {
    expect([...keys("sizeBand")].sort()).toEqual([
      "1 MiB to 16 MiB",
      "16 MiB and more",
      "64 MiB and more",
      "below 1 MiB",
    ]);
    expect(keys("operation")).toContain("all-reduce in several domains");
    expect(keys("collective")).toContain("h100-sxm, all-reduce in one domain, 64 MiB and more");
    expect(keys("software")).toEqual([]);
    const count = (key: string): number =>
      groups
        .filter((group) => group.by === "sizeBand" && group.key === key)
        .reduce((sum, group) => sum + group.count, 0);
    expect(count("16 MiB and more")).toBeGreaterThan(count("64 MiB and more"));
  });

  it("averages anomalous runs among themselves only", () => {
    const points = replayed.filter(({ record }) => record.anomaly !== undefined).flatMap(({ lines }) => lines);
    const anomalous = groups.filter(({ by, key }) => by === "use" && key === "anomalous");
    expect(anomalous.reduce((sum, { count }) => sum + count, 0)).toBe(points.length);
    expect(keys("source")).not.toContain("Two A100 nodes cannot reach ideal all-reduce performance");
    const counted = Object.values({ ...summary.collective, ...summary["collective-inferred"] });
    expect(counted.every(({ failed }) => failed === 0)).toBe(true);
  });
});
