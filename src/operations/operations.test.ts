import { describe, expect, it } from "vitest";
import { memoryHost } from "../../test/memory-host.ts";
import { type Problem, ProblemError } from "../base/problem.ts";
import { accelerators, fabrics, nodes } from "../catalog/index.ts";
import { trainingOf } from "../scenario/index.ts";
import type { CatalogEntry } from "./catalog.ts";
import { operations } from "./index.ts";
import { sensitivities } from "./sensitivity.ts";
import type { TraceDocument } from "./timeline.ts";

const scenario = `windtunnel: 1
name: small
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 128, tokens: 1T }
layout: { tensor: 4, pipeline: 2, microBatch: 1 }
software: megatron-core@2024.07
`;

const host = memoryHost({
  "s.yaml": scenario,
  "runs/m.yaml": scenario.replace("llama-3.1-70b", "./config.json"),
  "runs/config.json":
    '{"model_type":"llama","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"intermediate_size":14336,"vocab_size":128256}',
  "lost.yaml": scenario.replace("llama-3.1-70b", "./config.json"),
  "bad.yaml": scenario.replace("tensor: 4", "tensor: 3"),
});

async function problemsOf(run: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProblemError) return error.problems;
  throw error ?? new Error("no problem was reported");
}

describe("predict", () => {
  it("answers with the prediction as its document", async () => {
    const output = await operations.predict.run({ scenario: "s.yaml" }, host);
    expect(operations.predict.document?.(output)).toBe(output.prediction);
    expect(operations.predict.infeasible?.(output)).toBe(!output.prediction.feasible);
  });

  it("reads the files that a scenario names from its folder", async () => {
    const { design } = await operations.predict.run({ scenario: "runs/m.yaml" }, host);
    expect(trainingOf(design).training.case.model.layers).toHaveLength(32);
    expect(await problemsOf(operations.predict.run({ scenario: "lost.yaml" }, host))).toEqual([
      {
        path: "workload.model",
        message: 'cannot read "./config.json": no such file',
        hint: "a path is meant from the folder of the scenario",
        location: { file: "lost.yaml", line: 4, column: 36 },
      },
    ]);
  });

  it("writes the timeline as a Chrome trace that fills the step", async () => {
    const { prediction, design } = await operations.predict.run({ scenario: "s.yaml", timeline: "t.json" }, host);
    const trace = JSON.parse(host.files.get("t.json") ?? "") as TraceDocument;
    const slices = trace.traceEvents.filter(({ ph }) => ph === "X");
    expect(new Set(slices.map(({ tid }) => tid)).size).toBe(trainingOf(design).training.case.layout.pipeline);
    const end = Math.max(...slices.map(({ ts = 0, dur = 0 }) => ts + dur)) / 1e6;
    const step = prediction.metrics.stepTime ?? 0;
    expect(end).toBeGreaterThan(0.8 * step);
    expect(end).toBeLessThanOrEqual(step * (1 + 1e-9));
    for (const lane of new Set(slices.map(({ tid }) => tid))) {
      const own = slices.filter(({ tid }) => tid === lane).sort((a, b) => (a.ts ?? 0) - (b.ts ?? 0));
      own.slice(1).forEach((slice, index) => {
        const before = own[index];
        expect(slice.ts).toBeGreaterThanOrEqual((before?.ts ?? 0) + (before?.dur ?? 0) - 1e-3);
      });
    }
    expect(host.messages.join()).toContain("t.json");
  });

  it("says what would make a design fit, the fastest first, each of them true", async () => {
    const written = scenario
      .replace(/layout: .*/, "layout: { tensor: 8, microBatch: 2 }")
      .replace(/nodes: \d+/, "nodes: 4");
    const answer = async (text: string) =>
      operations.predict.run({ scenario: "t.yaml" }, memoryHost({ "t.yaml": text }));
    const { prediction, training } = await answer(written);
    const remedies = training?.remedies ?? [];
    expect(prediction.feasible).toBe(false);
    expect(remedies.length).toBeGreaterThan(0);
    expect(remedies.map(({ stepTime }) => stepTime)).toEqual(
      remedies.map(({ stepTime }) => stepTime).sort((a, b) => a - b),
    );
    for (const { change, stepTime, fit } of remedies) {
      const key = change.split(":")[0] ?? "";
      const kept = written
        .replace(new RegExp(`${key}: \\w+`), "microBatch: 2")
        .replace("layout: { ", `layout: { ${change}, `);
      const changed = await answer(key === "microBatch" ? written.replace("microBatch: 2", change) : kept);
      expect([changed.prediction.fit, changed.prediction.metrics.stepTime]).toEqual([fit, stepTime]);
    }
    expect((await answer(scenario.replace("70b", "8b"))).training?.remedies).toEqual([]);
  });

  it("refuses a timeline of more slices than a viewer opens", async () => {
    const long = memoryHost({ "l.yaml": scenario.replace(/globalBatch: \d+/, "globalBatch: 100M") });
    const found = await problemsOf(operations.predict.run({ scenario: "l.yaml", timeline: "t.json" }, long));
    expect(found).toEqual([
      expect.objectContaining({ path: "timeline", message: expect.stringMatching(/at most 500,000$/) }),
    ]);
    expect(long.files.has("t.json")).toBe(false);
  });
});

describe("explain", () => {
  it("opens one term by name or path, with its sources", async () => {
    const whole = await operations.explain.run({ scenario: "s.yaml" }, host);
    expect(whole.term).toBe(whole.prediction.terms);
    expect(Object.keys(whole.sources).length).toBeGreaterThan(2);
    const part = await operations.explain.run({ scenario: "s.yaml", term: "step/communication" }, host);
    expect(part.term.name).toBe("communication");
    expect(part.whole).toBe(whole.prediction.terms.value);
    expect(await problemsOf(operations.explain.run({ scenario: "s.yaml", term: "comunication" }, host))).toEqual([
      { path: "term", message: 'no term "comunication" in this prediction', hint: 'did you mean "communication"?' },
    ]);
  });

  it("counts the host's link and memory where something uses them, and says where they limit", async () => {
    const node = 'cluster: { node: { extends: hgx-h100, host: { link: "1 GB/s", memory: "100 GB/s" } }';
    const at = async (layout: string): Promise<{ names: string[]; limit: string | undefined; step: number }> => {
      const text = scenario
        .replace("cluster: { node: hgx-h100", node)
        .replace("microBatch: 1", `microBatch: 1, ${layout}`);
      const own = memoryHost({ "s.yaml": text.replace("tensor: 4, pipeline: 2", "tensor: 8").replace("70b", "8b") });
      const { design, prediction, training } = await operations.predict.run({ scenario: "s.yaml" }, own);
      const found = sensitivities(design);
      for (const { resource, elasticity } of found) {
        if (resource.startsWith("host")) expect(elasticity.stepTime ?? 0, resource).toBeLessThanOrEqual(0);
      }
      const names = found.map(({ resource }) => resource).filter((name) => name.startsWith("host"));
      return { names, limit: training?.hostLimit?.resource, step: prediction.metrics.stepTime ?? 0 };
    };
    expect(await at("activationOffload: 0")).toMatchObject({ names: [], limit: undefined });
    expect(await at("activationOffload: 1")).toMatchObject({ names: ["hostLink"], limit: "hostLink" });
    const updates = await at("optimizerOffload: 1");
    expect([...updates.names].sort()).toEqual(["hostLink", "hostMemoryBandwidth"]);
    const away = await at("sharding: full, weightOffload: on");
    expect([...away.names].sort()).toEqual(["hostLink", "hostMemoryBandwidth"]);
  });

  it("gives elasticities that agree with predicting again, and more is never slower", async () => {
    const { design, prediction } = await operations.predict.run({ scenario: "s.yaml" }, host);
    const found = sensitivities(design);
    const names = found.map(({ resource }) => resource);
    expect(names).toEqual(
      expect.arrayContaining([
        "peakFlops",
        "power",
        "memoryBandwidth",
        "memoryCapacity",
        "scaleUpBandwidth",
        "scaleOutBandwidth",
        "hopLatency",
        "acceleratorPrice",
      ]),
    );
    for (const { resource, elasticity } of found) {
      const step = elasticity.stepTime ?? 0;
      if (resource === "hopLatency") expect(step).toBeGreaterThanOrEqual(0);
      else expect(step, resource).toBeLessThanOrEqual(0);
    }
    const peak = found.find(({ resource }) => resource === "peakFlops")?.elasticity.stepTime ?? 0;
    const text = scenario.replace(
      "node: hgx-h100",
      "node: { extends: hgx-h100, accelerator: { peak: { bf16: 999 TFLOP/s } } }",
    );
    const faster = await operations.predict.run({ scenario: "f.yaml" }, memoryHost({ "f.yaml": text }));
    const ratio = (faster.prediction.metrics.stepTime ?? 0) / (prediction.metrics.stepTime ?? 1);
    expect(Math.log(ratio) / Math.log(999 / 989.4)).toBeCloseTo(peak, 1);
    expect(found.find(({ resource }) => resource === "acceleratorPrice")?.elasticity).toEqual({
      cost: expect.closeTo(1, 9),
    });
    const order = found.map(({ elasticity }) => Math.abs(elasticity.stepTime ?? 0));
    expect(order).toEqual([...order].sort((a, b) => b - a));
  });
});

describe("catalog", () => {
  it("lists kinds, entries and one entry with its sources", async () => {
    const kinds = await operations.catalog.run({}, host);
    expect(kinds).toMatchObject({
      kinds: expect.arrayContaining([expect.objectContaining({ kind: "node", count: nodes.entries.length })]),
    });
    const list = await operations.catalog.run({ kind: "Accelerators" }, host);
    expect(list).toMatchObject({ kind: "accelerator" });
    const entry = (await operations.catalog.run({ kind: "accelerator", name: "H100" }, host)) as CatalogEntry;
    expect(entry).toMatchObject({ name: "h100-sxm", entry: { generation: "hopper" } });
    expect(Object.keys(entry.sources).length).toBeGreaterThan(0);
    const model = (await operations.catalog.run({ kind: "model", name: "llama-3.1-405b" }, host)) as CatalogEntry;
    expect(model.entry).toMatchObject({ parameters: { total: 405_853_388_800 } });
  });

  it("finds every entry that it lists, and each names known sources only", async () => {
    for (const [kind, names] of [
      ["accelerator", accelerators.names],
      ["node", nodes.names],
      ["fabric", fabrics.names],
    ] as const) {
      for (const name of names) {
        const entry = (await operations.catalog.run({ kind, name }, host)) as CatalogEntry;
        expect(entry.name, name).toBe(name);
        const cited = (entry.entry as { readonly sources?: readonly string[] }).sources ?? [];
        expect(Object.keys(entry.sources), name).toEqual(expect.arrayContaining([...cited]));
      }
    }
  });

  it("suggests kinds and names", async () => {
    expect(await problemsOf(operations.catalog.run({ kind: "nod" }, host))).toEqual([
      { path: "kind", message: 'unknown kind "nod"', hint: 'did you mean "node"?' },
    ]);
    expect(await problemsOf(operations.catalog.run({ kind: "node", name: "hgx-h10" }, host))).toEqual([
      { path: "name", message: 'unknown node "hgx-h10"', hint: 'did you mean "hgx-h100"?' },
    ]);
  });
});

describe("support", () => {
  it("names every section of the language", async () => {
    const { rows, kinds } = await operations.support.run({}, host);
    const schema = (await operations.schema.run({}, host)) as {
      readonly properties: Readonly<Record<string, unknown>>;
    };
    const described = rows.map(({ key }) => key.split(/[.: ]/)[0]);
    const sections = Object.keys(schema.properties).filter((key) => !["windtunnel", "name", "seed"].includes(key));
    expect([...new Set(described)].sort()).toEqual(sections.sort());
    for (const { modelled, why } of rows) {
      for (const kind of modelled) expect(kinds).toContain(kind);
      if (modelled.length === 0) expect(why).toBeTypeOf("string");
    }
  });
});

describe("validate", () => {
  it("refuses what are no records", async () => {
    const files = memoryHost({ "a.json": "{}" });
    expect((await problemsOf(operations.validate.run({ files: ["a.json"] }, files))).length).toBeGreaterThan(0);
    expect((await problemsOf(operations.validate.run({}, files)))[0]?.message).toContain("no evidence records");
  });
});

describe("every operation", () => {
  it.each(Object.entries(operations))("%s says what it does, with examples that name it", (name, operation) => {
    expect(operation.name).toBe(name);
    expect(operation.summary).toMatch(/^[A-Z].*\.$/);
    expect(operation.examples.length).toBeGreaterThan(0);
    for (const { command } of operation.examples) expect(command).toContain(`windtunnel ${name}`);
  });
});
