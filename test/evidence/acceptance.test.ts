/** The interval that logs are judged by, on the published collectives that ship with the package. */
import { describe, expect, it } from "vitest";
import { expectedTime } from "../../src/catalog/accuracy/collectives.ts";
import { type EvidenceRecord, parseRecords, replay } from "../../src/evidence/index.ts";
import { textOf } from "../architecture/files.ts";

interface Point {
  readonly id: string;
  readonly size: number;
  readonly domains: 1 | 2;
  readonly measured: number;
  readonly predicted: number;
}

const sound = ({ anomaly }: EvidenceRecord): boolean => anomaly === undefined;

/** Every time; of a bus bandwidth the share only, as of a second, which leaves no room for launches. */
const points: readonly Point[] = parseRecords(textOf("evidence/network.json"))
  .filter(sound)
  .flatMap((record) => {
    const { lines, calls } = replay(record);
    return lines.flatMap(({ id, metric, measured, predicted }, index) => {
      const call = calls[index];
      if (call === undefined || predicted === null || (metric !== "time" && metric !== "busBandwidth")) return [];
      const domains = call.reach === "one domain" ? 1 : 2;
      const times = metric === "time" ? { measured, predicted } : { measured: predicted / measured, predicted: 1 };
      return [{ id, size: call.size, domains, ...times } as const];
    });
  });

/** Share of points slower than the interval. */
function slow(chosen: readonly Point[]): number {
  const off = chosen.filter(({ id, size, domains, measured, predicted }) => {
    const link = id.includes("l40s") || id.includes("a40") ? "pcie" : "nvlink";
    return measured > expectedTime(predicted, { size, domains, link }).slowest;
  });
  return off.length / chosen.length;
}

describe("published collectives", () => {
  const from = (least: number, most = Number.POSITIVE_INFINITY): readonly Point[] =>
    points.filter(({ size, id }) => size >= least && size < most && !id.startsWith("simai"));

  it("lie within the interval nine times of ten, wherever the ranks are", () => {
    for (const domains of [1, 2]) {
      const large = from(2 ** 24).filter((point) => point.domains === domains);
      expect(large.length).toBeGreaterThan(40);
      expect([domains, slow(large) < 0.1]).toEqual([domains, true]);
    }
    expect(slow(from(0, 2 ** 24))).toBeLessThan(0.1);
  });

  it("would all fail at half of their bandwidth from 16 MiB up, but over PCIe", () => {
    const halved = from(2 ** 24)
      .filter(({ id }) => !id.includes("l40s"))
      .map((point) => ({ ...point, measured: 2 * point.predicted }));
    expect(slow(halved)).toBe(1);
  });
});
