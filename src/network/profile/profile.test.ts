import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cluster, clusterOf, nodes } from "../../catalog/index.ts";
import { type CurvePoint, curveTime, fitCurve } from "./curve.ts";
import { otherMachines, profileMachinesOf } from "./machines.ts";
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

const cluster: Cluster = clusterOf({ node: nodes.get("hgx-h100"), nodes: 4 });

const profile: Profile = {
  windtunnelProfile: 1,
  name: "ours",
  date: "2026-11-22",
  node: "hgx-h100",
  machines: profileMachinesOf(cluster),
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
    const uneven = { ...group, perDomainMin: 3, domains: 3 };
    expect(profileCurve(profile, { operation: "all-reduce", group: uneven })).toBeUndefined();
  });

  it("says in what machines differ from its own, beyond the domain only where a group leaves it", () => {
    const { node, fabric } = cluster;
    const { machines } = profile;
    const others: readonly (readonly [Cluster, RegExp])[] = [
      [{ ...cluster, node: { ...node, nics: { ...node.nics, bandwidth: 25e9 } } }, /ports of 25 GB\/s, .* of 50 GB\/s/],
      [{ ...cluster, node: { ...node, nics: { ...node.nics, count: 4 } } }, /4 network ports a node, .* was 8/],
      [{ ...cluster, fabric: { ...fabric, transport: "roce" } }, /fabric of roce, .* of infiniband/],
      [{ ...cluster, fabric: { ...fabric, oversubscription: [2, 4] } }, /oversubscribed 8 : 1, .* 1 : 1/],
    ];
    for (const [other, reason] of others) {
      expect(otherMachines(machines, other, "several domains")).toEqual([expect.stringMatching(reason)]);
      expect(otherMachines(machines, other, "one domain")).toEqual([]);
    }
    const links = { ...cluster, node: { ...node, scaleUp: { ...node.scaleUp, bandwidth: 300e9 } } };
    expect(otherMachines(machines, links, "one domain")).toEqual([expect.stringMatching(/300 GB\/s, .* 450 GB\/s/)]);
    const accelerator = { ...cluster, node: nodes.get("hgx-h200") };
    expect(otherMachines(machines, accelerator, "one domain")[0]).toContain("h200-sxm, measured was h100-sxm");
    expect(otherMachines(machines, cluster, "several domains")).toEqual([]);
    const rounded = { ...cluster, node: { ...node, nics: { ...node.nics, bandwidth: 50e9 * (1 + 1e-15) } } };
    expect(otherMachines(machines, rounded, "several domains")).toEqual([]);
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
    const { machines: _, ...before } = profile;
    expect(messages(before)).toEqual(["p.json.machines: expected the machines that were measured"]);
    expect(messages({ ...profile, machines: { ...profile.machines, ports: 8 } })).toHaveLength(2);
    const curve = { ...profile.curves[0], ranks: 1, seconds: [0], slope: null, points: [{}], sharing: 0, first: 99 };
    expect(messages({ ...profile, curves: [curve, 3] })).toHaveLength(7);
  });

  it("never throws on anything that is JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        parseProfile(JSON.stringify(value), "p.json");
        parseProfile(JSON.stringify({ ...profile, curves: [value] }), "p.json");
        parseProfile(JSON.stringify({ ...profile, machines: value }), "p.json");
      }),
    );
  });
});
