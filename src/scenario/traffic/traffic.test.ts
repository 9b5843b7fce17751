import { describe, expect, it } from "vitest";
import { ProblemError } from "../../base/problem.ts";
import { checkTerm } from "../../base/term.ts";
import { trafficPatterns } from "../../network/index.ts";
import {
  type Files,
  type Prediction,
  parseScenario,
  predict,
  requiredFiles,
  resolve,
  scenarioFromValue,
} from "../index.ts";

type Section = Readonly<Record<string, unknown>>;

const flat = { topology: "rail-optimised", transport: "infiniband", tiers: 2, oversubscription: [1] };
const thin = { topology: "fat-tree", transport: "roce", tiers: 2, oversubscription: [4], nodesPerLeaf: 4 };

const scenario = (workload: Section, fabric: Section = flat, nodes = 16): Section => ({
  windtunnel: 1,
  name: "traffic",
  cluster: { node: "hgx-h100", nodes, fabric },
  workload: { kind: "traffic", ...workload },
});

const predicted = (workload: Section, fabric?: Section, files: Files = {}): Prediction =>
  predict(scenarioFromValue(JSON.parse(JSON.stringify(scenario(workload, fabric)))), files);

function problemsOf(workload: Section, files: Files = {}): readonly string[] {
  try {
    predicted(workload, flat, files);
  } catch (error) {
    if (error instanceof ProblemError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

/** Payload of a port of 400 Gbit/s over InfiniBand. */
const port = 50e9 * 0.967;
const size = 64 * 2 ** 20;

describe("patterns in the language", () => {
  it("a bisection on a fabric without oversubscription, packets sprayed, runs at the rate of the ports", () => {
    const fabric = { ...flat, routing: { policy: "spray" } };
    const { metrics, terms } = predicted({ pattern: "bisection", size: "64 MiB" }, fabric);
    checkTerm(terms);
    const latency = terms.children.find(({ name }) => name === "latency")?.value ?? 0;
    expect(metrics.time).toBeCloseTo(size / port + latency, 9);
    expect(metrics.endpointGoodput).toBeCloseTo(size / (metrics.time ?? 1), 3);
    expect(metrics["slowdown.max"]).toBeCloseTo(1, 9);
    expect(metrics.hottestLinkUtilization).toBeGreaterThan(0.99);
  });

  it.each(trafficPatterns.names)("%s says times that add up, percentiles in order and links by name", (name) => {
    const { metrics, terms, links = [], units } = predicted({ pattern: name, size: "1 MiB", rounds: 2 }, thin);
    checkTerm(terms);
    expect(terms.value).toBeCloseTo(metrics.time ?? metrics.timeMin ?? 0, 12);
    expect(links[0]?.link).toContain(" -> ");
    expect(Object.keys(units)).toEqual(Object.keys(metrics));
    if (metrics.time === undefined) return;
    const times = ["p50", "p90", "p99", "max"].map((each) => metrics[`flowCompletionTime.${each}`] ?? 0);
    for (const [index, time] of times.entries()) expect(time).toBeGreaterThanOrEqual(times[index - 1] ?? 0);
  });

  it("rounds follow each other, and software adds its time to each step", () => {
    const one = predicted({ pattern: "halo-2d", size: "1 MiB" }).metrics;
    const ten = predicted({ pattern: "halo-2d", size: "1 MiB", rounds: 10 }).metrics;
    expect(ten.time).toBeCloseTo(10 * (one.time ?? 0), 12);
    const tree = { pattern: "broadcast-tree", size: "1 MiB" };
    const [plain, slow] = [predicted(tree).metrics, predicted({ ...tree, overhead: "10 us" }).metrics];
    // 128 endpoints: seven steps.
    expect((slow.time ?? 0) - (plain.time ?? 0)).toBeCloseTo(70e-6, 12);
  });

  it("a fabric that says its routing is heard: hashed ways collide, queue pairs help, spraying cures", () => {
    const time = (routing: Section): number => {
      const fabric = { ...flat, topology: "fat-tree", nodesPerLeaf: 4, routing };
      return predicted({ pattern: "bisection", size: "64 MiB" }, fabric).metrics.time ?? 0;
    };
    const [hashed, pairs, sprayed] = [
      time({ policy: "ecmp" }),
      time({ policy: "ecmp", queuePairs: 16 }),
      time({ policy: "spray" }),
    ];
    expect(hashed / sprayed).toBeGreaterThan(1.8);
    expect(pairs).toBeLessThan(hashed);
    expect(pairs).toBeGreaterThan(sprayed);
  });

  it("what is down costs, and what is cut off is a problem with its place", () => {
    const fabric = { ...flat, topology: "fat-tree", nodesPerLeaf: 4, routing: { policy: "spray" } };
    const run = (failures: readonly string[]): number =>
      predicted({ pattern: "bisection", size: "64 MiB" }, { ...fabric, failures }).metrics.time ?? 0;
    const whole = predicted({ pattern: "bisection", size: "64 MiB" }, fabric).metrics.time ?? 0;
    expect(run(["spine 0"])).toBeGreaterThan(whole * 1.01);
    expect(() => run(["leaf 0"])).toThrow("no way is left from accelerator");
  });

  it("who is cut off is a problem with its line, before anything is run, and only where messages go there", () => {
    const text = (failure: string, workload: string): string => `windtunnel: 1
name: cut
cluster:
  node: hgx-h100
  nodes: 16
  fabric:
    { topology: fat-tree, transport: infiniband, tiers: 2, oversubscription: [1], nodesPerLeaf: 4,
      failures: ["${failure}"] }
workload: { kind: traffic, ${workload} }
`;
    const found = (failure: string, workload: string): unknown => {
      try {
        return resolve(parseScenario(text(failure, workload))).kind;
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        return error.problems.map(({ path, location }) => `${path} ${location?.line}`);
      }
    };
    const place = ["cluster.fabric.failures 8"];
    const bisection = "pattern: bisection, size: 1 MB";
    // The neighbour of the first accelerator is reached inside the node, and reaches nobody outside.
    expect(found("port 1", `${bisection}, accelerators: 32`)).toEqual(place);
    expect(found("accelerator 9", `${bisection}, accelerators: "8-15"`)).toEqual(place);
    expect(
      found("node 3", `jobs: [{ name: a, accelerators: "16-31", phases: [{ collective: all-reduce, size: 1 MB }] }]`),
    ).toEqual(place);
    expect(found("leaf 1", `${bisection}, accelerators: 32`)).toBe("traffic");
    expect(found("port 1", `${bisection}, groups: { size: 8 }`)).toBe("traffic");
    expect(found("port 0", `pattern: incast, size: 1 MB, fanIn: 7, accelerators: "64-70, 0, 72-95"`)).toBe("traffic");
  });

  it("a collective that is cut off names two that are", () => {
    const fabric = { ...flat, failures: ["node 3"] };
    const phases = [{ collective: "all-reduce", size: "1 MB" }];
    const value = scenario({ jobs: [{ name: "a", accelerators: "8-31", phases }] }, fabric);
    expect(() => resolve(scenarioFromValue(value))).toThrow("from accelerator 8 to accelerator 24");
  });

  it("rails that never meet are reached over the neighbours inside a node", () => {
    for (const [topology, nodes] of [
      ["rail-only", 4],
      ["direct", 2],
    ] as const) {
      const fabric = { ...flat, topology };
      const { metrics } = predict(scenarioFromValue(scenario({ pattern: "all-to-all", size: "1 MiB" }, fabric, nodes)));
      expect(metrics.time).toBeGreaterThan((8 * (nodes - 1) * 2 ** 20) / port);
    }
  });

  it("depends on the seed where it draws, and on nothing else", () => {
    const value = scenario({ pattern: "permutation", size: "1 MiB" });
    const text = (seed: number): string => JSON.stringify(predict(scenarioFromValue({ ...value, seed })));
    expect(text(1)).toBe(text(1));
    expect(predict(scenarioFromValue({ ...value, seed: 1 })).metrics).not.toEqual(
      predict(scenarioFromValue({ ...value, seed: 2 })).metrics,
    );
  });
});

describe("overloaded receivers", () => {
  it("have a range and no point, in the metrics, the basis and a warning", () => {
    const { metrics, basis, warnings } = predicted({
      pattern: "incast",
      size: "64 MiB",
      accelerators: { count: 16, stride: 8 },
    });
    expect(Object.keys(metrics)).toEqual(["timeMin", "timeMax"]);
    expect(metrics.timeMin).toBeCloseTo((15 * size) / port, 4);
    expect(metrics.timeMax).toBeGreaterThan(metrics.timeMin ?? 0);
    expect(basis.time?.interval).toEqual([metrics.timeMin, metrics.timeMax]);
    expect(warnings.join()).toContain("bound by pauses");
  });

  it("leave percentiles that they cannot move", () => {
    const lines = Array.from({ length: 40 }, (_, index) => `${index},${index % 8},${8 + (index % 8)},1e6`);
    const both = ["100,0,16,1e6", "100,1,16,1e6"];
    const files = { "f.csv": ["start,from,to,bytes", ...lines, ...both, "200,0,8,1e6"].join("\n") };
    const { metrics, warnings } = predicted({ trace: "f.csv" }, flat, files);
    // Two of 43 are in doubt, and not the last.
    expect(metrics.time).toBeCloseTo(200, 3);
    expect(metrics["flowCompletionTime.p90"]).toBeCloseTo(1e6 / port + 4e-6, 5);
    expect(metrics["flowCompletionTime.mean"]).toBeDefined();
    expect(metrics["flowCompletionTime.p99"]).toBeUndefined();
    expect(metrics["slowdown.max"]).toBeUndefined();
    expect(warnings[0]).toContain("worst 16, by 2 at once");
  });

  it("over TCP may wait for a timeout; over EFA nobody knows how long", () => {
    const incast = { pattern: "incast", size: "64 MiB", accelerators: { count: 16, stride: 8 } };
    const lossy = predicted(incast, { ...flat, transport: "ethernet" }).metrics;
    expect((lossy.timeMax ?? 0) - (lossy.timeMin ?? 0)).toBeCloseTo(0.2, 9);
    const unknown = predicted(incast, { ...flat, transport: "efa" });
    expect(unknown.metrics.timeMax).toBeUndefined();
    expect(unknown.basis.time?.interval).toBeNull();
    expect(unknown.warnings.join()).toContain("no upper bound is known");
  });
});

describe("traces in the language", () => {
  const files = { "f.csv": "start,from,to,bytes\n0,0,8,48350000\n0.01,1,9,96700000\n" };

  it("are read from the file they name and replayed", () => {
    const value = scenario({ trace: "f.csv" });
    expect(requiredFiles(scenarioFromValue(value))).toEqual(["f.csv"]);
    const { metrics, terms } = predict(scenarioFromValue(value), files);
    checkTerm(terms);
    expect(metrics.time).toBeCloseTo(0.01 + 96.7e6 / port, 5);
    expect(metrics["flowCompletionTime.p50"]).toBeCloseTo(48.35e6 / port, 5);
  });

  it("have problems with file and line", () => {
    const broken = { "f.csv": "start,from,to,bytes\n0,0,800,1\n" };
    try {
      predict(scenarioFromValue(scenario({ trace: "f.csv" })), broken);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      expect(error.problems[0]).toMatchObject({
        path: "workload.trace",
        message: 'to is "800"',
        location: { file: "f.csv", line: 2 },
      });
    }
    expect(problemsOf({ trace: "f.csv" }, {})[0]).toContain('the text of "f.csv" is not there');
  });
});

describe("jobs in the language", () => {
  const job = (name: string, more: Section = {}): Section => ({
    name,
    accelerators: 64,
    placement: "alternate",
    rounds: 3,
    phases: [{ compute: "1 ms" }, { collective: "all-to-all", size: "256 MB" }],
    ...more,
  });

  it("slow each other on an oversubscribed fabric and say on which links; one alone is not slowed", () => {
    const { points = [], links = [], sharedLinks, terms, metrics } = predicted({ jobs: [job("a"), job("b")] }, thin);
    checkTerm(terms);
    expect(terms.value).toBeCloseTo(metrics.time ?? 0, 12);
    expect(points.map(({ at }) => at.job)).toEqual(["a", "b"]);
    for (const point of points) expect(point.metrics.slowdown).toBeGreaterThan(1.3);
    expect(sharedLinks?.[0]?.jobs).toEqual(["a", "b"]);
    expect(sharedLinks?.[0]?.hottest).toMatch(/leaf|spine/);
    expect(links[0]?.jobs).toEqual(["a", "b"]);
    const alone = predicted({ jobs: [job("a")] }, thin);
    expect(alone.points?.[0]?.metrics.slowdown).toBe(1);
    expect(alone.sharedLinks).toEqual([]);
    expect(alone.points?.[0]?.metrics.roundTime).toBeCloseTo(alone.points?.[0]?.metrics.roundTimeAlone ?? 0, 12);
  });

  it("warn of phases that overload receivers, and of no others", () => {
    const phases = (pattern: string): Section => ({ phases: [{ pattern, size: "1 MB" }] });
    expect(predicted({ jobs: [job("a", phases("checkpoint"))] }).warnings[0]).toContain("(checkpoint of a)");
    for (const pattern of ["all-to-all", "halo-3d", "permutation", "transpose"]) {
      expect(predicted({ jobs: [job("a", phases(pattern))] }).warnings).toEqual([]);
    }
  });

  it("packed apart on a fabric of rails they do not", () => {
    const packed = { placement: "packed" };
    const { points = [] } = predicted({ jobs: [job("a", packed), job("b", packed)] }, { ...thin, nodesPerLeaf: 2 });
    for (const { metrics } of points) expect(metrics.slowdown).toBeCloseTo(1, 9);
  });

  it("refuse what makes no sense, each with its place", () => {
    const jobs = (...list: Section[]): readonly string[] => problemsOf({ jobs: list });
    expect(jobs(job("a"), job("a"))[0]).toContain('workload.jobs[1].name: "a" is there twice');
    expect(jobs(job("a", { accelerators: 1000 }))[0]).toContain("workload.jobs[0].accelerators: needs 125 whole nodes");
    const named = { placement: undefined };
    expect(jobs(job("a", { ...named, accelerators: "0-7" }), job("b", { ...named, accelerators: "7-9" }))[0]).toContain(
      "accelerator 7 is taken already",
    );
    expect(jobs(job("a", { ...named, accelerators: "5-3" }))[0]).toContain('"5-3" is no range');
    expect(jobs(job("a", { ...named, accelerators: { first: 120, count: 9 } }))[0]).toContain("no accelerator 128");
    expect(jobs(job("a", { accelerators: "0-7" }))[0]).toContain("placement: has no effect");
    expect(jobs(job("a", { phases: [{ size: "1 GB" }] }))[0]).toContain("one of compute, collective and pattern");
    expect(jobs(job("a", { phases: [{ compute: "1 s", size: "1 GB" }] }))[0]).toContain("has no effect with compute");
    const ring = [{ collective: "all-to-all", size: "1 GB", algorithm: "ring" }];
    expect(jobs(job("a", { phases: ring }))[0]).toContain("all-to-all does not go ring");
    const staged = [{ collective: "broadcast", size: "1 GB", algorithm: "hierarchical" }];
    expect(jobs(job("a", { phases: staged }))).toEqual([
      "workload.jobs[0].phases[0].algorithm: broadcast does not go hierarchical",
    ]);
    expect(jobs(job("a", { phases: [{ collective: "all-reduce" }] }))[0]).toContain("missing; expected the size");
    expect(jobs(job("a", { phases: [{ pattern: "halo-2d", size: "1 MB", groups: { size: 24 } }] }))[0]).toContain(
      "64 accelerators are no whole blocks of 24 x 1",
    );
  });
});

describe("what is refused", () => {
  it("is named with its place", () => {
    expect(problemsOf({})[0]).toContain("workload.pattern: missing; expected a pattern, a trace or jobs");
    expect(problemsOf({ pattern: "bisection" })[0]).toContain("workload.size: missing");
    expect(problemsOf({ pattern: "bisection", size: "1 MB", trace: "x.csv" })[0]).toContain("either pattern or trace");
    expect(problemsOf({ pattern: "bisection", size: "1 MB", fanIn: 3 })[0]).toContain("workload.fanIn: has no effect");
    expect(problemsOf({ pattern: "transpose", size: "1 MB", grid: [7, 3] })[0]).toContain("workload.grid: 7 x 3 is 21");
    expect(problemsOf({ pattern: "incast", size: "1 MB", fanIn: 128 })[0]).toContain("workload.fanIn");
    expect(problemsOf({ pattern: "bisection", size: "1 MB", accelerators: "0-3, 2-5" })[0]).toContain(
      "accelerator 2 is there twice",
    );
    expect(problemsOf({ pattern: "permutation", size: "1 MB", rounds: 100_000 })[0]).toContain("messages; at most 1M");
    expect(problemsOf({ pattern: "permutaton", size: "1 MB" })[0]).toContain("workload.pattern");
    expect(problemsOf({ pattern: "bisection", size: 5 })[0]).toContain("workload.size");
  });

  it("what would take all memory is refused before it is run", () => {
    const fabric = {
      topology: "rail-optimised",
      transport: "efa",
      tiers: 3,
      nodesPerPod: 512,
      radix: 128,
      oversubscription: [1, 4],
    };
    const value = scenario({ pattern: "bisection", size: "16 MiB" }, fabric, 12_800);
    expect(() => predict(scenarioFromValue(value))).toThrow("workload.pattern: 102,400 messages over up to");
  });

  it("a pattern in which nothing moves, in a workload and in a phase", () => {
    const line = { pattern: "transpose", size: "1 MB", accelerators: 64, grid: [1, 64] };
    expect(problemsOf(line)[0]).toContain("workload.grid: 1 x 64 is a line");
    expect(problemsOf({ pattern: "transpose", size: "1 MB", accelerators: 7 })[0]).toContain(
      "workload.pattern: 7 endpoints fill no grid but a line",
    );
    expect(problemsOf({ pattern: "transpose", size: "1 MB", groups: { size: 2 } })[0]).toContain("workload.pattern: 2");
    const phases = [{ pattern: "transpose", size: "1 MB", groups: { size: 2 } }];
    expect(problemsOf({ jobs: [{ name: "a", accelerators: 8, phases }] })[0]).toContain(
      "workload.jobs[0].phases[0].pattern: 2 endpoints",
    );
  });

  it("a single accelerator has nobody to talk to", () => {
    expect(problemsOf({ pattern: "permutation", size: "1 MB", accelerators: 1 })[0]).toContain("1 endpoints");
  });
});
