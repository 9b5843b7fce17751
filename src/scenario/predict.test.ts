import { describe, expect, it } from "vitest";
import { type Problem, ProblemError } from "../base/problem.ts";
import { checkTerm } from "../base/term.ts";
import { type Prediction, parseScenario, predict, requiredFiles, resolve, scenarioFromValue } from "./index.ts";

type Section = Record<string, unknown>;

const workload: Section = { kind: "training", model: "llama-3.1-8b", sequenceLength: 8192, globalBatch: 64 };

/** A scenario with some sections changed. */
function scenario(change: Section = {}): Section {
  const cluster = { node: "hgx-h100", nodes: 2 };
  return { windtunnel: 1, name: "t", cluster, workload, layout: { tensor: 2 }, ...change };
}

function predicted(change: Section = {}, files: Record<string, string> = {}): Prediction {
  return predict(scenarioFromValue(scenario(change)), files);
}

function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

function complaints(change: Section, files: Record<string, string> = {}): string[] {
  return problemsOf(() => predicted(change, files)).map(
    ({ path, message, hint }) => `${path}: ${message}${hint === undefined ? "" : `; ${hint}`}`,
  );
}

describe("predict", () => {
  it("refuses a scope of graphs that nothing captures", () => {
    const software = (cudaGraphs: string) => ({
      extends: "megatron-core@2024.07",
      cudaGraphs,
      cudaGraphScope: ["attention"],
    });
    expect(complaints({ software: software("partial") })).toEqual([]);
    for (const graphs of ["none", "full"]) {
      const message = `has no effect with cudaGraphs: ${graphs}; remove it, or write cudaGraphs: partial`;
      expect(complaints({ software: software(graphs) })).toEqual([`software.cudaGraphScope: ${message}`]);
    }
  });

  it("answers in the form that other tools parse", () => {
    const prediction = predicted({ workload: { ...workload, tokens: "1T" } });
    expect(Object.keys(prediction)).toEqual([
      "name",
      "kind",
      "fit",
      "feasible",
      "metrics",
      "units",
      "terms",
      "assumptions",
      "warnings",
      "basis",
      "provenance",
    ]);
    expect(prediction).toMatchObject({ name: "t", kind: "training", fit: "fits", feasible: true });
    expect(prediction.provenance).toEqual({ version: "0.1.0", seed: 0 });
    const { metrics, units, basis } = prediction;
    for (const [name, value] of Object.entries(metrics)) {
      expect(Number.isFinite(value), name).toBe(true);
      expect(units[name], name).toBeTypeOf("string");
      expect(basis[name], name).toMatchObject({ level: 0.9 });
    }
    expect(Object.keys(metrics)).toEqual(
      expect.arrayContaining(["stepTime", "memoryPerAccelerator", "timeToTrain", "cost", "energy"]),
    );
    checkTerm(prediction.terms);
    expect(prediction.terms.value).toBeCloseTo(metrics.stepTime ?? 0, 9);
  });

  it("is pure: the same bytes twice, and the scenario untouched", () => {
    const parsed = scenarioFromValue(scenario());
    const before = JSON.stringify(parsed);
    expect(JSON.stringify(predict(parsed))).toBe(JSON.stringify(predict(parsed)));
    expect(JSON.stringify(parsed)).toBe(before);
  });

  it("prints every default and every derived value back", () => {
    const paths = predicted({ layout: {} }).assumptions.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(
        [
          "tensor",
          "context",
          "pipeline",
          "virtualStages",
          "data",
          "microBatch",
          "schedule",
          "recompute",
          "sharding",
          "sequenceParallel",
          "activationOffload",
        ].map((key) => `layout.${key}`),
      ),
    );
    expect(paths).toEqual(
      expect.arrayContaining(["cluster.fabric", "workload.precision", "workload.tuning", "software"]),
    );
  });

  it("prices only a run whose tokens are given, and says of each unknown once that it is unknown", () => {
    const paths = (change: Section): string[] => predicted(change).assumptions.map(({ path }) => path);
    expect(paths({}).filter((path) => path.startsWith("economics."))).toEqual([]);
    expect(paths({ workload: { ...workload, tokens: "1T" } })).toContain("economics.acceleratorHour");
    expect(predicted({ economics: { acceleratorHour: "2 $/h" } }).warnings.join()).toContain("workload.tokens");
    const cluster = { node: "hgx-h800", nodes: 2 };
    const { metrics, assumptions } = predicted({ cluster, workload: { ...workload, tokens: "1T" } });
    expect(metrics).not.toHaveProperty("cost");
    expect(assumptions.filter(({ value }) => value === "unknown").map(({ path }) => path)).toEqual([
      "economics.acceleratorHour",
    ]);
    expect(assumptions.filter(({ path }) => path === "cost")).toEqual([]);
  });

  it("derives the data-parallel degree, and takes the same one when it is given", () => {
    const derived = predicted();
    expect(derived.assumptions).toContainEqual(expect.objectContaining({ path: "layout.data", value: "8" }));
    expect(predicted({ layout: { tensor: 2, data: 8 } }).metrics).toEqual(derived.metrics);
  });

  it("says what binds when a design does not fit, and still predicts it", () => {
    const prediction = predicted({ workload: { ...workload, model: "llama-3.1-405b" } });
    expect(prediction).toMatchObject({ fit: "does-not-fit", feasible: false });
    const { needed = 0, available = 0 } = prediction.binding ?? {};
    expect(needed).toBeGreaterThan(available);
    expect(prediction.metrics.stepTime).toBeGreaterThan(0);
  });

  it("counts model FLOP by the convention asked for, the time untouched", () => {
    const [ours, square] = [predicted(), predicted({ flopConvention: "palm" })];
    expect(square.metrics.stepTime).toBe(ours.metrics.stepTime);
    expect(square.metrics.modelFlopsUtilization).toBeGreaterThan(ours.metrics.modelFlopsUtilization ?? 0);
  });

  it("replaces prices by those of the scenario", () => {
    const run = { workload: { ...workload, tokens: "1T" } };
    const dear = predicted({ ...run, economics: { acceleratorHour: "10 $/h" } });
    const cheap = predicted({ ...run, economics: { acceleratorHour: "5 $/h" } });
    expect(dear.metrics.cost).toBeCloseTo(2 * (cheap.metrics.cost ?? 0), 3);
    const metered = predicted({ ...run, economics: { acceleratorHour: "5 $/h", energy: "0.1 $/kWh" } });
    expect(metered.metrics.cost).toBeGreaterThan(cheap.metrics.cost ?? 0);
  });
});

describe("inline objects", () => {
  it("an empty extension changes nothing", () => {
    const plain = predicted();
    const extended = predicted({ cluster: { node: { extends: "hgx-h100" }, nodes: 2 } });
    expect(extended.metrics).toEqual(plain.metrics);
    const software = predicted({ software: { extends: "megatron-core@2024.07" } });
    expect(software.metrics).toEqual(plain.metrics);
  });

  it("faster hardware is never slower, and says that it is hypothetical", () => {
    const faster = { accelerator: { peak: { bf16: "2000 TFLOP/s" }, memory: { bandwidth: "8 TB/s" } } };
    const prediction = predicted({ cluster: { node: { extends: "hgx-h100", ...faster }, nodes: 2 } });
    expect(prediction.metrics.stepTime).toBeLessThan(predicted().metrics.stepTime ?? 0);
    const reasons = prediction.assumptions.map(({ reason }) => reason).join();
    expect(reasons).toContain("hypothetical hardware");
    expect(prediction.assumptions.map(({ path }) => path)).toContain("cluster.node.accelerator.generation");
  });

  it("describes a node without a catalog entry, and asks for what it lacks", () => {
    const accelerator = {
      generation: "hopper",
      peak: { bf16: "500 TFLOP/s" },
      memory: { capacity: "100 GB", bandwidth: "4 TB/s" },
      scaleUp: { bandwidth: "300 GB/s" },
    };
    const node = {
      accelerator,
      acceleratorsPerNode: 8,
      scaleUp: { domain: 8, topology: "switch" },
      nics: { count: 8, bandwidth: "400 Gbit/s" },
    };
    expect(predicted({ cluster: { node, nodes: 2 } }).metrics.stepTime).toBeGreaterThan(0);
    const { peak: _, ...peakless } = accelerator;
    expect(complaints({ cluster: { node: { ...node, accelerator: peakless }, nodes: 2 } })).toEqual([
      "cluster.node.accelerator.peak: missing; expected a dense peak; e.g. peak: { bf16: 989 Tflop/s }",
    ]);
    expect(complaints({ cluster: { node: { accelerator: "h100-sxm" }, nodes: 2 } })).toEqual([
      expect.stringContaining("cluster.node.acceleratorsPerNode: missing"),
      expect.stringContaining("cluster.node.scaleUp.domain: missing"),
      expect.stringContaining("cluster.node.scaleUp.topology: missing"),
    ]);
  });

  it("takes the transport of an inline fabric from the node's usual one and says so", () => {
    const fabric = { topology: "fat-tree", tiers: 3, oversubscription: [1, 7] };
    const { assumptions } = predicted({ cluster: { node: "hgx-h100", nodes: 2, fabric } });
    expect(assumptions).toContainEqual(
      expect.objectContaining({ path: "cluster.fabric.transport", value: "infiniband" }),
    );
    expect(complaints({ cluster: { node: "hgx-h100", nodes: 2, fabric: { ...fabric, tiers: 2 } } })).toEqual([
      "cluster.fabric.oversubscription: 2 entries for 2 tiers, expected 1; one entry per tier boundary, from the leaf up",
    ]);
  });
});

describe("models", () => {
  const config = {
    model_type: "llama",
    hidden_size: 4096,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    intermediate_size: 14336,
    vocab_size: 128256,
  };

  it("reads a config.json by path: named first, then given as text", () => {
    const value = scenario({ workload: { ...workload, model: "./config.json" } });
    expect(requiredFiles(scenarioFromValue(value))).toEqual(["./config.json"]);
    expect(requiredFiles(scenarioFromValue(scenario()))).toEqual([]);
    const fromFile = predicted(
      { workload: { ...workload, model: "./config.json" } },
      { "./config.json": JSON.stringify(config) },
    );
    expect(fromFile.metrics.stepTime).toBeCloseTo(predicted().metrics.stepTime ?? 0, 9);
    expect(predicted({ workload: { ...workload, model: config } }).metrics).toEqual(fromFile.metrics);
  });

  it("extends a catalog model, and refuses fields that its class does not know", () => {
    const deeper = predicted({ workload: { ...workload, model: { extends: "llama-3.1-8b", num_hidden_layers: 64 } } });
    expect(deeper.metrics.stepTime).toBeGreaterThan(predicted().metrics.stepTime ?? 0);
    const model = { extends: "llama-3.1-8b", num_hiden_layers: 64 };
    expect(complaints({ workload: { ...workload, model } })).toEqual([
      expect.stringMatching(/workload\.model\.num_hiden_layers: .*did you mean "num_hidden_layers"/),
    ]);
  });

  it.each([
    ["not given", {}, /workload\.model: the file "\.\/c\.json" was not given/],
    ["broken", { "./c.json": '{"model_type"' }, /workload\.model: "\.\/c\.json" is not JSON/],
    [
      "of an unknown class",
      { "./c.json": '{"model_type":"lama"}' },
      /workload\.model\.model_type: class unknown: "lama" \(in \.\/c\.json\); did you mean "llama"/,
    ],
    [
      "with a bad field",
      { "./c.json": JSON.stringify({ ...config, hidden_size: -1 }) },
      /workload\.model\.hidden_size: expected a whole number/,
    ],
    ["of another form", { "./c.json": "[]" }, /workload\.model: expected a JSON object/],
  ])("refuses a config.json that is %s", (_name, files, expected) => {
    expect(complaints({ workload: { ...workload, model: "./c.json" } }, files as Record<string, string>)).toEqual([
      expect.stringMatching(expected),
    ]);
  });
});

describe("refusals", () => {
  it.each<[Section, string]>([
    [
      {
        cluster: {
          pools: [
            { name: "a", node: "hgx-h100", nodes: 1 },
            { name: "b", node: "hgx-h200", nodes: 1 },
          ],
        },
      },
      "layout.pools",
    ],
    [{ layout: "auto" }, "layout"],
    [{ storage: { write: "1 TB/s" } }, "storage"],
    [{ serving: {} }, "serving"],
    [{ vary: { "cluster.nodes": [1, 2] } }, "vary"],
    [{ objective: [{ minimize: "cost" }] }, "objective"],
    [{ workload: { ...workload, sequenceLength: undefined, lengths: {} } }, "workload.lengths"],
    [{ cluster: { node: "hgx-h100", nodes: 2, fabric: { topology: "torus" } } }, "cluster.fabric.topology"],
    ...["jobs", "data-loading", "rl", "evaluation"].map((kind): [Section, string] => [
      { workload: { kind, model: "llama-3.1-8b", requests: {} }, layout: undefined },
      "workload.kind",
    ]),
    [{ workload: { kind: "collective", operation: "all-reduce", sizes: ["1 MiB"] } }, "layout"],
  ])("refuses %j by name", (change, path) => {
    const value = JSON.parse(JSON.stringify(scenario(change)));
    expect(problemsOf(() => resolve(scenarioFromValue(value))).map((problem) => problem.path)).toEqual([path]);
  });

  it("accepts a single pool as the cluster it is", () => {
    const pools = [{ name: "all", node: "hgx-h100", nodes: 2 }];
    expect(predicted({ cluster: { pools } }).metrics).toEqual(predicted().metrics);
  });

  it("says the place of what is refused", () => {
    const text =
      "windtunnel: 1\nname: t\ncluster: { node: hgx-h100, nodes: 2 }\nworkload: { kind: training, model: llama-3.1-8b, sequenceLength: 8192, globalBatch: 64 }\nlayout: { tensor: 3 }\nserving: { tensor: 2 }\n";
    const problems = problemsOf(() => predict(parseScenario(text, { file: "a.yaml" })));
    expect(problems).toEqual([
      expect.objectContaining({ path: "serving", location: { file: "a.yaml", line: 6, column: 10 } }),
    ]);
  });
});
