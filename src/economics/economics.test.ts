import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFile } from "../../test/shared.ts";
import { accelerators, clusterOf, nodes, rentalPrice } from "../catalog/index.ts";
import type { BusyFractions, Ownership } from "./index.ts";
import {
  acceleratorPower,
  busyFractions,
  capitalRecoveryFactor,
  clusterEnergy,
  costPerMillionTokens,
  defaultPue,
  nodePower,
  ownershipCost,
  rentalCost,
} from "./index.ts";

const full: BusyFractions = { compute: 1, memory: 0, communication: 0, idle: 0 };
/** A training step of a large model: three quarters of the time in matrix products. */
const training: BusyFractions = { compute: 0.75, memory: 0.12, communication: 0.08, idle: 0.05 };
const h100 = nodes.get("dgx-h100");

function watts(node: string, busy: BusyFractions): number {
  const power = nodePower(nodes.get(node), busy);
  if (power === "unknown") throw new Error(`${node}: power unknown`);
  return power.total;
}

describe("power against measurement", () => {
  it("peaks at 8.4 of 10.2 kW on 8x H100 (fitted)", () => {
    expect(watts("dgx-h100", full) / 8400).toBeCloseTo(1, 2);
  });

  it("averages 76 % of the rating in heavy 8x H100 jobs, within 12 % (not fitted)", () => {
    expect(Math.abs(watts("dgx-h100", training) / (0.76 * 10_200) - 1)).toBeLessThan(0.12);
  });

  it("gives 300 W to an H100 that streams weights (fitted)", () => {
    const streaming: BusyFractions = { compute: 0, memory: 1, communication: 0, idle: 0 };
    const power = acceleratorPower(accelerators.get("h100"), streaming);
    expect(Math.abs((power === "unknown" ? 0 : power) / 300 - 1)).toBeLessThan(0.02);
  });

  it.skipIf(!hasShared())("follows the mean, p90 and p99 of A100 servers within 12 % (not fitted)", () => {
    const cdfs = JSON.parse(gunzipSync(readFileSync(sharedFile("data/cluster/acme/util_cdfs.json.gz"))).toString());
    const server = cdfs.server_power as readonly (readonly number[])[];
    const quantile = (share: number) => (server[0] ?? [])[(server[1] ?? []).findIndex((y) => y >= share)] ?? Number.NaN;
    expect(quantile(1)).toBeGreaterThan(1300);
    // The share of time at full load that gives the measured mean power of a GPU, 169-192 of 400 W.
    const share = ((180 - 0.157 * 400) / (400 - 0.157 * 400) - 0.1) / 0.9;
    const mean: BusyFractions = { compute: share, memory: 0, communication: 0, idle: 1 - share };
    expect(Math.abs(watts("hgx-a100", mean) / 2930 - 1)).toBeLessThan(0.12);
    expect(Math.abs(watts("hgx-a100", full) / quantile(90) - 1)).toBeLessThan(0.12);
    expect(Math.abs(watts("hgx-a100", full) / quantile(99) - 1)).toBeLessThan(0.12);
  });
});

describe("power", () => {
  it("stays between idle and the rating, and grows with work", () => {
    for (const node of nodes.entries) {
      const power = nodePower(node, full);
      if (power === "unknown") continue;
      const waiting = nodePower(node, { compute: 0, memory: 0, communication: 0, idle: 1 });
      expect(waiting === "unknown" ? 0 : waiting.total).toBeLessThan(power.total);
      if (node.power !== "unknown") expect(power.total).toBeLessThanOrEqual(node.power);
      else expect(power.excluded).toEqual(["host (no node rating published)"]);
    }
  });

  it("is unknown where the vendor publishes none", () => {
    expect(nodePower(nodes.get("tpu-v5p"), full)).toBe("unknown");
    const cluster = clusterOf({ node: nodes.get("tpu-v5p"), nodes: 4 });
    expect(clusterEnergy({ cluster, time: 1, busy: full, pue: 1.1 })).toBe("unknown");
  });

  it("takes shares of a step from its times", () => {
    expect(busyFractions({ step: 10, memory: 1, communication: 2, idle: 0.5 })).toEqual({
      compute: 0.65,
      memory: 0.1,
      communication: 0.2,
      idle: 0.05,
    });
    expect(() => busyFractions({ step: 1, memory: 1, communication: 1, idle: 0 })).toThrow("busy times");
    expect(() => busyFractions({ step: 0, memory: 0, communication: 0, idle: 0 })).toThrow("busy times");
    expect(() => nodePower(h100, { ...full, idle: 0.5 })).toThrow("add up to 1.5");
  });
});

describe("energy", () => {
  it("is power times time, twice for twice the nodes, and PUE on top", () => {
    const once = clusterEnergy({ cluster: clusterOf({ node: h100, nodes: 1 }), time: 3600, busy: training, pue: 1 });
    const both = clusterEnergy({ cluster: clusterOf({ node: h100, nodes: 2 }), time: 3600, busy: training, pue: 1.3 });
    if (once === "unknown" || both === "unknown") throw new Error("unknown");
    expect(once.equipment).toBeCloseTo(once.power * 3600, 3);
    expect(both.equipment).toBeCloseTo(2 * once.equipment, 3);
    expect(both.facility / both.equipment).toBeCloseTo(defaultPue.air, 12);
    expect(both.excluded).toEqual(["switches", "storage"]);
  });

  it("of 26.7 M H100-hours stays below the 32 GWh of nodes that always draw their measured peak", () => {
    const hours = 26.7e6;
    const cluster = clusterOf({ node: h100, nodes: 2048 });
    const time = (hours / cluster.accelerators) * 3600;
    const energy = clusterEnergy({ cluster, time, busy: training, pue: defaultPue.hyperscale });
    if (energy === "unknown") throw new Error("unknown");
    const ratio = energy.facility / 3.6e12 / (26.7e6 * 1.05e-6 * defaultPue.hyperscale);
    expect(ratio).toBeLessThan(1);
    expect(ratio).toBeGreaterThan(0.8);
  });
});

describe("rent", () => {
  it("of 3.8e25 FLOP at 400 TFLOP/s and 2 dollars is 53 million", () => {
    const time = 3.8e25 / 400e12 / 16_384;
    const cost = rentalCost({ accelerators: 16_384, time, price: { value: 2 / 3600 } });
    expect(cost.acceleratorHours / 26.4e6).toBeCloseTo(1, 2);
    expect(Number(cost.value) / 52.8e6).toBeCloseTo(1, 2);
  });

  it("stays unknown without a price, and says what is missing", () => {
    const cost = rentalCost({ accelerators: 64, time: 3600, price: rentalPrice("trainium2") });
    expect(cost).toEqual({
      value: "unknown",
      rent: "unknown",
      energy: 0,
      acceleratorHours: 64,
      excluded: ["accelerators (no price)", "storage", "data transfer", "staff"],
    });
    expect(costPerMillionTokens({ accelerators: 8, tokensPerSecond: 100, price: "unknown" })).toBe("unknown");
  });

  it("adds energy that is billed apart", () => {
    const run = { accelerators: 8, time: 3600, price: { value: 2 / 3600 } };
    const cost = rentalCost({ ...run, energy: { used: 36e6, price: 0.08 / 3.6e6 } });
    expect(cost.rent).toBeCloseTo(16, 9);
    expect(cost.energy).toBeCloseTo(0.8, 9);
    expect(cost.value).toBeCloseTo(16.8, 9);
    const dark = rentalCost({ ...run, energy: { used: "unknown", price: 0.08 / 3.6e6 } });
    expect(dark).toMatchObject({ energy: "unknown", value: dark.rent });
    expect(dark.excluded[0]).toBe("energy (power unknown)");
  });

  it("gives dollars per million tokens", () => {
    const cost = costPerMillionTokens({ accelerators: 8, tokensPerSecond: 10_000, price: { value: 3.6 / 3600 } });
    expect(cost).toBeCloseTo(0.8, 12);
    expect(() => costPerMillionTokens({ accelerators: 8, tokensPerSecond: 0, price: { value: 1 } })).toThrow();
  });
});

describe("ownership", () => {
  const owner: Ownership = {
    capital: 38_750 + 4248,
    salvage: 0,
    years: 5,
    rate: 0.1,
    maintenance: 0,
    hostingPerKilowattMonth: 184,
    powerProvisioned: 1280,
    powerMean: 1050,
    pue: 1.3,
    electricityPerKilowattHour: 0.0826,
    staff: 0,
  };

  it("recovers capital", () => {
    expect([4, 5, 6].map((years) => capitalRecoveryFactor(0.1, years).toFixed(3))).toEqual(["0.315", "0.264", "0.230"]);
    expect(capitalRecoveryFactor(0, 5)).toBe(0.2);
    expect(() => capitalRecoveryFactor(0.1, 0)).toThrow("0 years");
  });

  it("of an H100-hour is 1.73 dollars before staff, as worked by hand", () => {
    const cost = ownershipCost(owner);
    expect(cost.capital).toBeCloseTo(1.29, 2);
    expect(cost.hosting).toBeCloseTo(0.32, 2);
    expect(cost.energy).toBeCloseTo(0.11, 2);
    expect(cost.total).toBeCloseTo(1.73, 2);
    const { total, ...parts } = cost;
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 12);
  });

  it("costs less with salvage and with time", () => {
    expect(ownershipCost({ ...owner, salvage: 10_000 }).total).toBeLessThan(ownershipCost(owner).total);
    expect(ownershipCost({ ...owner, years: 6 }).total).toBeLessThan(ownershipCost(owner).total);
  });
});
