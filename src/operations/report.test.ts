import { describe, expect, it } from "vitest";
import { htmlFaults } from "../../test/html.ts";
import { memoryHost } from "../../test/memory-host.ts";
import { ProblemError } from "../base/problem.ts";
import { reportOperation } from "./report.ts";

const scenario = (nodes: number, more = ""): string => `
windtunnel: 1
name: ${nodes} nodes
cluster: { node: hgx-h100, nodes: ${nodes} }
workload: { kind: training, model: meta-llama/Llama-3.1-8B, sequenceLength: 8192, globalBatch: 512, tokens: 100G }
layout: { tensor: 2, pipeline: 2, microBatch: 1, sharding: optimizer }
software: megatron-core@2024.07
${more}`;

const proposal = (more: string): string => `windtunnel: 1
proposal: How many?
options:
  - { name: four, scenario: four.yaml }
  - { name: eight, scenario: eight.yaml }
${more}`;

const errors = Object.fromEntries(
  ["accuracy", "serving.accuracy", "network.accuracy"].map((name) => [`evidence/${name}.json`, '{"records": {}}']),
);

const hostWith = (files: Readonly<Record<string, string>>) =>
  memoryHost({ "four.yaml": scenario(4), "eight.yaml": scenario(8), ...errors, ...files });

async function problemsOf(more: string): Promise<string> {
  const host = hostWith({ "p.yaml": proposal(more) });
  const error: unknown = await reportOperation.run({ question: ["p.yaml"], output: "p.html" }, host).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProblemError);
  expect(host.files.has("p.html")).toBe(false);
  return (error as ProblemError).problems.map(({ path, message, hint }) => `${path}: ${message}; ${hint}`).join("\n");
}

describe("report", () => {
  it("holds one scenario against software alone and against other sizes", async () => {
    const host = hostWith({});
    const { facts } = await reportOperation.run(
      { question: ["four.yaml"], output: "r.html", date: "2026-11-23" },
      host,
    );
    expect(facts.options.map(({ role }) => role)).toEqual(["do-nothing", "software-only", "option", "option"]);
    const page = host.files.get("r.html") ?? "";
    expect(htmlFaults(page)).toEqual([]);
    expect(page).toContain("2026-11-23");
    for (const id of [
      "ask",
      "requirements",
      "options",
      "design",
      "assumptions",
      "not-modelled",
      "experiments",
      "files",
    ]) {
      expect(page).toContain(`id="${id}"`);
    }
    await reportOperation.run({ question: ["four.yaml"], output: "again.html", date: "2026-11-23" }, host);
    expect(host.files.get("again.html")).toBe(page);
  });

  it("prints files that give what it says of the change of software", async () => {
    const host = hostWith({});
    const { facts } = await reportOperation.run({ question: ["four.yaml"], output: "r.md" }, host);
    const changed = facts.files.find(({ name }) => name === "software-only.yaml");
    const again = hostWith({ "four.yaml": changed?.text ?? "" });
    const second = await reportOperation.run({ question: ["four.yaml"], output: "r.md" }, again);
    const step = facts.options[1]?.prediction?.metrics.stepTime;
    expect(second.facts.options[0]?.prediction?.metrics.stepTime).toBe(step);
    expect(step).toBeLessThanOrEqual(facts.options[0]?.prediction?.metrics.stepTime ?? 0);
  });

  it("reads a proposal: requirements, owners, and doing nothing where no option is that", async () => {
    const requirement = "requirements: [{ id: R1, text: in time, metric: timeToTrain, atMost: 1000 days }]\n";
    const owner = "assumptions: [{ assumption: peakFlops, owner: Ada, asOf: 2026-01-01 }]\n";
    const host = hostWith({ "p.yaml": proposal(requirement + owner) });
    const { facts } = await reportOperation.run({ question: ["p.yaml"], output: "p.md" }, host);
    expect(facts.options.map(({ role }) => role)).toEqual(["option", "option", "software-only", "do-nothing"]);
    expect(facts.judgements.map(([first]) => first?.status)).toEqual(["met", "met", "met", "not met"]);
    expect(host.files.get("p.md")).toContain("Ada");
  });

  it("counts failures: page one's probability is that of the deadline, and what the limit demands", async () => {
    const failing = "reliability: { deadline: 25 h }\nstorage: { write: 100 GB/s }\n";
    const requirement = "requirements: [{ id: R1, text: in time, metric: timeToTrain, atMost: 25 h }]\n";
    const host = hostWith({
      "p.yaml": proposal(requirement),
      "four.yaml": scenario(4, failing),
      "eight.yaml": scenario(8, failing),
    });
    const { facts } = await reportOperation.run({ question: ["p.yaml"], output: "p.md" }, host);
    for (const [index, { prediction }] of facts.options.entries()) {
      if (prediction === undefined) continue;
      const judged = facts.judgements[index]?.[0]?.probability;
      expect(judged).toBeCloseTo(prediction.metrics.deadlineProbability ?? -1, 3);
    }
    const page = host.files.get("p.md") ?? "";
    expect(page).toMatch(/## \d+ Goodput/);
    expect(page).toContain("What interrupts the recommended option");
    expect(facts.goodput?.wanted).toBeGreaterThan(0);
    expect(page).toMatch(/Main risk: the [a-z]/);
    const first = page.slice(0, page.search(/## \d+ Requirements|## Requirements/));
    for (const what of ["What flips the decision", "What is left out", "What to measure first"]) {
      expect(first).toContain(what);
    }
  });

  it("draws inputs given as ranges, and holds the draws against the requirements", async () => {
    const priced = (nodes: number) => scenario(nodes, "economics: { acceleratorHour: 2..4 $/h }");
    const requirement =
      "requirements: [{ id: R1, text: cheap, metric: cost, atMost: 100 k$ }, { id: R2, text: free, metric: cost, atMost: 1 $ }]";
    const host = hostWith({ "p.yaml": proposal(requirement), "four.yaml": priced(4) });
    const { facts } = await reportOperation.run({ question: ["p.yaml"], output: "p.md" }, host);
    expect(facts.ranged.map(({ option }) => option)).toContain("four");
    expect(facts.ranged.map(({ option }) => option)).not.toContain("eight");
    for (const { metrics, kept, inputs } of facts.ranged) {
      expect(inputs).toEqual([{ path: "economics.acceleratorHour", range: "2..4 $/h" }]);
      expect(kept.map(({ probability }) => probability)).toEqual([1, 0]);
      const cost = metrics.find(({ metric }) => metric === "cost");
      expect(cost?.p10).toBeLessThan(cost?.p50 ?? 0);
      expect(cost?.p50).toBeLessThan(cost?.p90 ?? 0);
      expect(cost?.from.map(({ of }) => of)).toContain("economics.acceleratorHour");
    }
    expect(host.files.get("p.md")).toMatch(/## \d+ Inputs given as ranges/);
  });

  it("says what changed since an earlier one", async () => {
    const host = hostWith({ "old.yaml": scenario(4).replace("globalBatch: 512", "globalBatch: 256") });
    const input = { question: ["four.yaml"], output: "r.md", against: "old.yaml" };
    const { facts } = await reportOperation.run(input, host);
    expect(facts.earlier?.fields.map(({ path }) => path)).toContain("workload.globalBatch");
    expect(host.files.get("r.md")).toContain("What changed");
  });

  it("names mistakes with what to do", async () => {
    expect(await problemsOf("requirements: [{ id: R1, text: t, metric: timeToTran, atMost: 3 days }]")).toMatch(
      /requirements\[0\]\.metric: no option has a metric "timeToTran"; did you mean "timeToTrain"/,
    );
    expect(await problemsOf("requirements: [{ id: R1, text: t, metric: timeToTrain, atMost: 3 GB }]")).toMatch(
      /atMost/,
    );
    expect(await problemsOf("requirements: [{ id: R1, text: t, metric: timeToTrain }]")).toMatch(
      /either atMost or atLeast/,
    );
    expect(await problemsOf("objective: [{ minimize: cost }, { minimize: stepTime }]")).toMatch(/one objective/);
    expect(await problemsOf("asks: {}")).toMatch(/unknown key "asks".*ask/s);
    expect(await problemsOf("ask: { date: tomorrow }")).toMatch(/2026-12-15/);
    const wrong = reportOperation.run({ question: ["four.yaml"], output: "r.docx" }, hostWith({}));
    await expect(wrong).rejects.toThrow(/\.html, \.md or \.pdf/);
  });
});
