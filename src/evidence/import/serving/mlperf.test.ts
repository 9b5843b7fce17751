import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFile } from "../../../../test/shared.ts";
import type { EvidenceRecord, Section } from "../../record.ts";
import { importEvidence } from "../index.ts";

const shared = hasShared();
const records: readonly EvidenceRecord[] = shared
  ? importEvidence(readFileSync(sharedFile("evidence/serving-measured.json"), "utf8")).records.filter(({ id }) =>
      id.startsWith("mlperf-inf-"),
    )
  : [];

const engineOf = (record: EvidenceRecord): Section => (record.serving as { engine: Section }).engine;
const requestsOf = (record: EvidenceRecord): Section => (record.workload as { requests: Section }).requests;
const named = (...parts: readonly string[]) =>
  records.filter(({ id }) => parts.every((part) => id.includes(part)) && id.includes("mlperf-inf"));

describe.skipIf(!shared)("MLPerf Inference", () => {
  it("takes the limit of the run time where the configuration has that of the built engine too", () => {
    const offline = named("nvidia-b200", "llama3-1-405b-offline");
    expect(offline.map((record) => engineOf(record).maxBatchedTokens)).toEqual([1536]);
    expect(named("coreweave-gb300", "deepseek-r1-server").map((record) => engineOf(record).maxBatchedTokens)).toEqual([
      6656,
    ]);
  });

  it("admits all that fits, in chunks, without graphs or overlap where an engine was built", () => {
    const built = named("llama2-70b").filter((record) => engineOf(record).name === "tensorrt-llm");
    expect(built.length).toBeGreaterThan(60);
    for (const record of built) {
      expect(engineOf(record), record.id).toMatchObject({
        capacityPolicy: "max-utilization",
        chunkedPrefill: "on",
        graphs: "off",
        hostOverlap: "off",
      });
    }
  });

  it("draws lengths whose mean is the measured one once the longest are cut", () => {
    for (const record of named("llama2-70b")) {
      const { exponential, most } = requestsOf(record).output as { exponential: number; most: number };
      const mean = exponential * (1 - Math.exp(-most / exponential));
      const value = (metric: string): number =>
        Number.parseFloat(`${record.measured.find((entry) => entry.metric === metric)?.value}`);
      const tensor = Number((record.serving as Section).tensor);
      const measured = (tensor * value("outputTokensPerSecondPerAccelerator")) / value("requestsPerSecond");
      expect(Math.abs(mean / measured - 1), record.id).toBeLessThan(0.01);
    }
  });
});
