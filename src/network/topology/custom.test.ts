import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Routes } from "../routing/index.ts";
import { cableLatency, customTopology, linkName, pathLatency, readCustomGraph, topologyProblems } from "./index.ts";

const file = {
  name: "two leaves",
  accelerators: 4,
  switches: [{ name: "leaf", count: 2, radix: 4 }, { name: "core" }],
  cables: [
    { from: "gpu 0", to: "leaf 0", bandwidth: "400 Gbit/s", latency: "1 us" },
    { from: "gpu 1", to: "leaf 0", bandwidth: "400 Gbit/s", latency: "1 us" },
    { from: "gpu 2", to: "leaf 1", bandwidth: "400 Gbit/s", latency: "1 us" },
    { from: "gpu 3", to: "leaf 1", bandwidth: "400 Gbit/s", latency: "1 us" },
    { from: "leaf 0", to: "core", bandwidth: "800 Gbit/s", length: "1 km" },
    { from: "leaf 1", to: "core", bandwidth: "800 Gbit/s", length: "1 km" },
  ],
};

const built = (found: unknown) => {
  const graph = readCustomGraph(found);
  return "problems" in graph ? graph : customTopology(graph);
};

describe("custom graphs from files", () => {
  it("are networks with names, lengths and ways", () => {
    const topology = built(file);
    if ("problems" in topology) throw new Error(JSON.stringify(topology.problems));
    expect(topologyProblems(topology)).toEqual([]);
    const path = new Routes(topology, { policy: "ecmp", forwarding: "own", seed: 1 }).path(0, 3, 0);
    if (path === undefined) throw new Error("no way");
    expect([...path.resources].map((link) => linkName(topology, link))).toEqual([
      "gpu 0 -> leaf 0",
      "leaf 0 -> core",
      "core -> leaf 1",
      "leaf 1 -> gpu 3",
    ]);
    expect(pathLatency(topology, path)).toBeCloseTo(2e-6 + 2 * cableLatency(1000), 12);
    expect(cableLatency(1000)).toBeCloseTo(5e-6, 6);
  });

  it("with mistakes are problems with their places, all at once", () => {
    const wrong = {
      acelerators: 4,
      accelerators: 0,
      switches: [{ name: "", radix: -1 }],
      cables: [{ from: "a", to: 7, bandwidth: 400, latency: "1 GB", length: "far", count: 0.5, medium: "air" }],
    };
    const found = built(wrong);
    expect("problems" in found ? found.problems.map(({ path }) => path) : []).toEqual([
      "acelerators",
      "accelerators",
      "switches[0].name",
      "switches[0].radix",
      "cables[0].medium",
      "cables[0].to",
      "cables[0].bandwidth",
      "cables[0].latency",
      "cables[0].length",
      "cables[0].count",
    ]);
    const misspelt = built({ ...file, cables: [{ ...file.cables[0], to: "laef 0" }] });
    expect("problems" in misspelt ? misspelt.problems[0]?.hint : "").toBe('did you mean "leaf 0"?');
    const cut = built({ ...file, cables: file.cables.slice(1) });
    expect("problems" in cut ? [] : topologyProblems(cut)[0]?.message).toMatch(/^not connected: gpu 1 and 5 others/);
    const full = built({ ...file, switches: [{ name: "leaf", count: 2, radix: 2 }, { name: "core" }] });
    expect("problems" in full ? [] : topologyProblems(full)[0]?.message).toBe("leaf 0 would need 3 ports and has 2");
  });

  it("of any data end in a network or in problems, without raw errors and without hanging", () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 4 }), (found) => {
        const topology = built(found);
        expect("problems" in topology ? topology.problems.length : 1).toBeGreaterThan(0);
      }),
    );
  });

  it("of almost right data end likewise, and their ways end", () => {
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("gpu 0", "gpu 1", "leaf 0", "core", "400 Gbit/s", "1 us", "2 m", 1, 2) },
      { weight: 1, arbitrary: fc.constantFrom(-1, 1e12, Number.NaN, "", null, "scale-up", "host", [], {}) },
    );
    const end = fc.constantFrom("gpu 0", "gpu 1", "gpu 2", "leaf 0", "leaf 1", "core");
    const cable = fc.record(
      { from: end, to: end, bandwidth: fc.constant("100 Gbit/s"), latency: value, count: value, medium: value },
      { requiredKeys: ["from", "to", "bandwidth"] },
    );
    const graphs = fc.record({
      cables: fc.array(cable, { maxLength: 8 }),
      accelerators: fc.constantFrom<unknown>(3, 2, 1e9),
    });
    fc.assert(
      fc.property(graphs, (more) => {
        const topology = built({ ...file, ...more });
        if ("problems" in topology) return;
        const routes = new Routes(topology, { policy: "spray", forwarding: "rail", seed: 1 });
        for (let to = 0; to < topology.accelerators; to++) {
          const path = routes.path(0, to, to);
          for (const link of path?.resources ?? []) expect(link).toBeLessThan(topology.ends.length);
        }
      }),
    );
  });
});
