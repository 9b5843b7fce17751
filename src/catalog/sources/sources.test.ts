import { describe, expect, it } from "vitest";
import { computeSources } from "./compute.ts";
import { economicsSources } from "./economics.ts";
import { evidenceSources } from "./evidence.ts";
import { foundationSources } from "./foundation.ts";
import { hardwareSources } from "./hardware.ts";
import { source, sources } from "./index.ts";
import { launchSources } from "./launch.ts";
import { modelsSources } from "./models.ts";
import { networkSources } from "./network.ts";
import { poolSources } from "./pools.ts";
import { reliabilitySources } from "./reliability.ts";
import { servingSources } from "./serving.ts";
import { servingCacheSources } from "./serving-cache.ts";
import { servingEngineSources } from "./serving-engines.ts";
import { servingStepSources } from "./serving-step.ts";
import { trainingSources } from "./training.ts";
import { workloadSources } from "./workload.ts";

const areas = {
  computeSources,
  economicsSources,
  evidenceSources,
  foundationSources,
  hardwareSources,
  launchSources,
  modelsSources,
  networkSources,
  trainingSources,
  poolSources,
  reliabilitySources,
  servingEngineSources,
  servingCacheSources,
  servingStepSources,
  workloadSources,
  servingSources,
};

describe("sources", () => {
  it("have a key in one area only", () => {
    const owner = new Map<string, string>();
    for (const [area, table] of Object.entries(areas)) {
      for (const key of Object.keys(table)) {
        expect(owner.get(key), `"${key}" is in ${owner.get(key)} and in ${area}`).toBeUndefined();
        owner.set(key, area);
      }
    }
    expect(Object.keys(sources)).toHaveLength(owner.size);
  });

  it("say what they are and where to find them", () => {
    for (const [key, entry] of Object.entries(sources)) {
      expect(entry.title.length, key).toBeGreaterThan(5);
      if (entry.kind === "price") expect(`${entry.date ?? entry.year ?? entry.title}`, key).toMatch(/\d{4}|undated/);
    }
  });

  it("are found by key, and an unknown key is our mistake", () => {
    expect(source("llama3-2024").year).toBe(2024);
    expect(() => source("nowhere-1999")).toThrow("nowhere-1999");
  });
});
