import { describe, expect, it } from "vitest";
import { ProblemError } from "../base/problem.ts";
import { type Prediction, parseScenario, predict, requiredFiles, scenarioFromValue } from "./index.ts";

type Section = Readonly<Record<string, unknown>>;

/** Two nodes of eight with a port each, on one switch. */
const description = (rate: string, accelerators = 16): string => `
accelerators: ${accelerators}
ports: 16
switches: [{ name: up, count: 2 }, { name: leaf, radix: 16 }]
cables:
${Array.from(
  { length: 16 },
  (_, each) => `
  - { from: gpu ${each}, to: up ${Math.floor(each / 8)}, bandwidth: 450 GB/s, medium: scale-up }
  - { from: gpu ${each}, to: nic ${each}, bandwidth: 64 GB/s, medium: host }
  - { from: nic ${each}, to: leaf, bandwidth: ${rate}, length: 20 m }`,
).join("")}
`;

const text = `windtunnel: 1
name: own graph
cluster: { node: hgx-h100, nodes: 2, fabric: { extends: infiniband-ndr, graph: net.yaml } }
workload: { kind: collective, operation: all-reduce, sizes: ["1 GiB"] }
`;

const on = (graph: string): Prediction => predict(parseScenario(text), { "net.yaml": graph });

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return error.problems.map(
      ({ path, message, location }) => `${location?.file}:${location?.line} ${path}: ${message}`,
    );
  }
  return [];
}

describe("a network of one's own", () => {
  it("is read from the file that the fabric names, and sets the rate of what passes it", () => {
    expect(requiredFiles(parseScenario(text))).toEqual(["net.yaml"]);
    const [whole, slow, half] = ["400 Gbit/s", "100 Gbit/s", "50 Gbit/s"].map((rate) => on(description(rate)));
    const plain = predict(parseScenario(text.replace(", graph: net.yaml", "")));
    expect(whole?.metrics.time).toBeCloseTo(plain.metrics.time ?? 0, 9);
    expect((half?.metrics.busBandwidth ?? 0) / (slow?.metrics.busBandwidth ?? 1)).toBeCloseTo(0.5, 1);
    expect(half?.links?.[0]).toMatchObject({ class: "fabric", utilization: expect.closeTo(1, 1) });
  });

  it("is refused with its places where it is wrong", () => {
    expect(problemsOf(() => on(description("400 Gbit/s").replace("length: 20 m", "length: 20")))[0]).toMatch(
      /^net\.yaml:\d+ cables\[2\]\.length: found 20/,
    );
    expect(problemsOf(() => on(description("-1 Gbit/s")))[0]).toMatch(/^net\.yaml:\d+ cables\[2\]\.bandwidth/);
    expect(problemsOf(() => on(description("400 Gbit/s").replace("to: nic 3,", "to: nic 99,")))[0]).toContain("nic 99");
    expect(problemsOf(() => on(description("400 Gbit/s", 24)))[0]).toContain("the cluster has 16");
    expect(problemsOf(() => on(description("400 Gbit/s").replace("radix: 16", "radix: 8")))[0]).toContain("16 ports");
    expect(problemsOf(() => on("nonsense"))[0]).toContain("net.yaml");
    expect(problemsOf(() => predict(parseScenario(text)))[0]).toContain("was not passed in");
  });
});

const training = (fabric: Section): Prediction =>
  predict(
    scenarioFromValue({
      windtunnel: 1,
      name: "t",
      cluster: { node: "hgx-h100", nodes: 16, fabric: { extends: "roce-400g", nodesPerLeaf: 2, radix: 64, ...fabric } },
      workload: { kind: "training", model: "llama-3.1-8b", sequenceLength: 4096, globalBatch: 128 },
      layout: { sharding: "full", microBatch: 1, data: 128 },
      software: "torchtitan@2025",
    }),
  );

describe("training on a fabric's links", () => {
  const step = (fabric: Section): number => training(fabric).metrics.stepTime ?? Number.NaN;

  it("loses by hashing, less with more queue pairs, nothing when packets are spread", () => {
    const hashed = (queuePairs: number): number =>
      step({ routing: { policy: "ecmp", queuePairs, forwarding: "rail" } });
    const spread = step({ routing: { policy: "spray", forwarding: "rail" } });
    expect(hashed(1)).toBeGreaterThan(hashed(16));
    expect(hashed(16)).toBeGreaterThanOrEqual(spread);
    expect(spread).toBeCloseTo(step({}), 6);
  });

  it("loses by what is down, and by distance", () => {
    const routing = { policy: "spray", forwarding: "rail" };
    const whole = step({ routing });
    expect(step({ routing, failures: ["spine 0"] })).toBeGreaterThanOrEqual(whole);
    const apart = (roundTrip: string): number =>
      step({ routing, buildings: { count: 2, bandwidth: "100 Tbit/s", roundTrip } });
    expect(apart("10 ms")).toBeGreaterThan(apart("1 ms"));
    expect(apart("1 ms")).toBeGreaterThan(whole);
  });

  it("says which links are busiest, none busier than the whole time", () => {
    const { links = [] } = training({ routing: { policy: "ecmp", queuePairs: 4, forwarding: "rail" } });
    expect(links.map(({ class: name }) => name)).toEqual(expect.arrayContaining(["port-leaf", "leaf-spine"]));
    for (const { utilization } of links) {
      expect(utilization).toBeGreaterThan(0);
      expect(utilization).toBeLessThanOrEqual(1);
    }
  });
});
