import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CurvePoint, curveTime, fitCurve } from "./curve.ts";
import { type Profile, parseProfile, profileCurve, profileTime } from "./profile.ts";

const law = (size: number): number => 20e-6 + size / 400e9;
const points = (exponents: readonly number[]): readonly CurvePoint[] =>
  exponents.map((exponent) => ({ exponent, seconds: law(2 ** exponent) }));

describe("a fitted curve", () => {
  it("meets its points, lies near the law between them, and follows it beyond the last", () => {
    const fit = fitCurve(points([10, 14, 18, 22, 26, 30]));
    for (const exponent of [10, 14, 18, 22, 26, 30]) {
      expect(curveTime(fit, 2 ** exponent) / law(2 ** exponent)).toBeCloseTo(1, 12);
    }
    for (const exponent of [12, 16, 20, 24, 28]) {
      expect(Math.abs(curveTime(fit, 2 ** exponent) / law(2 ** exponent) - 1)).toBeLessThan(0.25);
    }
    expect(curveTime(fit, 2 ** 36) / law(2 ** 36)).toBeCloseTo(1, 2);
    expect(curveTime(fit, 1)).toBe(curveTime(fit, 2 ** 10));
  });

  it("never falls with the size, whatever was measured", () => {
    const times = fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 2, maxLength: 24 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 8 }), (seconds, first) => {
        const fit = fitCurve(seconds.map((time, index) => ({ exponent: first + 1.5 * index, seconds: time })));
        let before = 0;
        for (let size = 1; size < 2 ** 48; size *= 1.7) {
          const time = curveTime(fit, size);
          expect(time).toBeGreaterThanOrEqual(before * (1 - 1e-12));
          before = time;
        }
      }),
    );
  });
});

const profile: Profile = {
  windtunnelProfile: 1,
  name: "ours",
  date: "2026-11-22",
  node: "hgx-h100",
  curves: [
    {
      operation: "all-reduce",
      ranks: 16,
      ranksPerDomain: 8,
      sharing: 1,
      from: "run.log:1",
      ...fitCurve(points([20, 22, 24])),
      error: { fitted: 0, heldOut: 0, raw: 0 },
      points: [20, 22, 24].map((exponent) => {
        const time = law(2 ** exponent);
        return { size: 2 ** exponent, measured: time, raw: time, calibrated: time, use: "fitted" as const };
      }),
    },
  ],
};

describe("a profile", () => {
  const group = { size: 16, perDomain: 8, stride: 1 };

  it("answers its own operation and group only, and no forced algorithm", () => {
    expect(profileCurve(profile, { operation: "all-reduce", group })).toBe(profile.curves[0]);
    expect(profileCurve(profile, { operation: "all-gather", group })).toBeUndefined();
    expect(profileCurve(profile, { operation: "all-reduce", group: { ...group, perDomain: 4 } })).toBeUndefined();
    expect(profileCurve(profile, { operation: "all-reduce", group: { ...group, sharing: 8 } })).toBeUndefined();
    expect(profileCurve(profile, { operation: "all-reduce", group, algorithm: "ring" })).toBeUndefined();
  });

  it("says how far a size lies from what was measured", () => {
    const [curve] = profile.curves;
    if (curve === undefined) throw new Error("no curve");
    const trust = (size: number): string => profileTime(curve, size).trust;
    expect([2 ** 20, 2 ** 21, 2 ** 19, 2 ** 30].map(trust)).toEqual([
      "measured",
      "interpolated",
      "extrapolated",
      "extrapolated",
    ]);
  });

  it("is read back as it was written", () => {
    expect(parseProfile(JSON.stringify(profile), "p.json")).toEqual(profile);
  });

  it("is refused with the place of each mistake", () => {
    const messages = (value: unknown): readonly string[] => {
      const found = parseProfile(typeof value === "string" ? value : JSON.stringify(value), "p.json");
      return "curves" in found ? [] : found.map(({ path, message }) => `${path}: ${message}`);
    };
    expect(messages("{")).toEqual(["p.json: not JSON"]);
    expect(messages([])).toEqual(["p.json: this is no calibration profile"]);
    expect(messages({ ...profile, name: 1, curves: [] })).toEqual([
      "p.json.name: expected text",
      "p.json.curves: expected a list of curves",
    ]);
    const curve = { ...profile.curves[0], ranks: 1, seconds: [0], slope: null, points: [{}], sharing: 0, first: 99 };
    expect(messages({ ...profile, curves: [curve, 3] })).toHaveLength(7);
  });

  it("never throws on anything that is JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        parseProfile(JSON.stringify(value), "p.json");
        parseProfile(JSON.stringify({ ...profile, curves: [value] }), "p.json");
      }),
    );
  });
});
