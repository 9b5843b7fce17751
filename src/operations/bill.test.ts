import { describe, expect, it } from "vitest";
import { memoryHost } from "../../test/memory-host.ts";
import { amountText, type Line } from "../economics/index.ts";
import { explainOperation } from "./explain.ts";
import { reportOperation } from "./report.ts";
import { specOperation } from "./spec.ts";

const job = `
windtunnel: 1
name: sixteen nodes
cluster: { node: hgx-h100, nodes: 16 }
workload: { kind: training, model: meta-llama/Llama-3.1-8B, sequenceLength: 8192, globalBatch: 512, tokens: 100G }
layout: { tensor: 2, pipeline: 2, microBatch: 1, sharding: optimizer }
software: megatron-core@2024.07
reliability: { spares: 2 }
storage: { write: 50 GB/s }
`;
const pools = `
windtunnel: 1
name: two kinds
cluster:
  pools:
    - { name: new, node: hgx-h100, nodes: 8 }
    - { name: old, node: hgx-a100, nodes: 8 }
workload: { kind: training, model: meta-llama/Llama-3.1-8B, sequenceLength: 8192, globalBatch: 512, tokens: 100G }
layout: { tensor: 8, microBatch: 1, recompute: selective, pools: [{ pool: new, stages: 1 }, { pool: old, stages: 1 }] }
software: megatron-core@2024.07
`;
const service = `
windtunnel: 1
name: chat
cluster: { node: hgx-h100, nodes: 2 }
workload:
  kind: serving
  model: meta-llama/Llama-3.1-8B
  requests: { arrivals: poisson, rate: 2 /s, count: 60, input: 1000, output: 100 }
serving: { engine: { name: vllm, version: "0.19" }, replicas: 2 }
`;
const given =
  "economics: { powerUsageEffectiveness: 1.3, rackPower: 41 kW, ownership: { node: 300 k$, storage: 1 M$ } }\n";

const errors = Object.fromEntries(
  ["accuracy", "serving.accuracy", "network.accuracy"].map((name) => [`evidence/${name}.json`, '{"records": {}}']),
);
const hostOf = (text: string) => memoryHost({ "s.yaml": text, ...errors });

const explained = async (text: string) => {
  const { bill } = await explainOperation.run({ scenario: "s.yaml", bill: true }, hostOf(text));
  if (bill === undefined) throw new Error("no bill");
  return bill;
};

/** Rows of the Markdown tables of a report, and the scenario of what it recommends, which may be the software's change. */
async function reported(text: string): Promise<{ readonly rows: readonly string[]; readonly recommended: string }> {
  const host = hostOf(text);
  const { facts } = await reportOperation.run({ question: ["s.yaml"], output: "r.md" }, host);
  const role = facts.options[facts.choice.index]?.role;
  const file = facts.files.find(({ name }) => name === (role === "do-nothing" ? "s.yaml" : `${role}.yaml`));
  const rows = (host.files.get("r.md") ?? "").split("\n").filter((line) => line.startsWith("|"));
  return { rows, recommended: file?.text ?? "" };
}

const itemOf = ({ pool, item }: Line): string => (pool === undefined ? item : `${item} (${pool})`);

describe.each([
  ["a job with spares and a store", job],
  ["a job on a site that is described", job + given],
  ["a job over two kinds of node", pools],
  ["a service", service],
])("the bill of %s", (_, text) => {
  it("has the same numbers in a specification and a report as when it is explained", { timeout: 60_000 }, async () => {
    const { rows, recommended } = await reported(text);
    const { lines, owning } = await explained(recommended);
    const { specification } = await specOperation.run({ scenario: "s.yaml" }, hostOf(recommended));
    for (const line of lines.filter(({ unit }) => unit === "1")) {
      const ordered = specification.order.find(({ item }) => item === itemOf(line));
      expect(ordered?.count ?? "unknown", line.item).toBe(line.amount);
    }
    for (const line of lines.filter(({ unit }) => unit === "W" || unit === "B/s")) {
      const figure = specification.figures.find(({ of, what }) => what === line.item && of === (line.pool ?? "site"));
      expect(figure?.value ?? "unknown", line.item).toBe(line.amount);
    }
    const costs = owning?.lines ?? [];
    expect(specification.costs?.map(({ item, low }) => [item, low ?? "unknown"])).toEqual(
      costs.map(({ item, amount }) => [item, typeof amount === "object" ? amount[0] : amount]),
    );
    for (const line of [...lines, ...costs]) {
      expect(
        rows.some((row) => row.startsWith(`| ${itemOf(line)} | ${amountText(line)} |`)),
        line.item,
      ).toBe(true);
    }
  });
});

describe("a bill", () => {
  const amount = async (text: string, item: string) =>
    (await explained(text)).lines.find((line) => line.item === item)?.amount;

  it("counts what the scenario has", async () => {
    expect(await amount(job, "accelerators")).toBe(128);
    expect(await amount(job, "nodes")).toBe(16);
    expect(await amount(job, "spare nodes")).toBe(2);
    expect(await amount(job, "cables, port-leaf")).toBe(128);
    expect(await amount(job, "power, nodes")).toBe(18 * 10_200);
    expect(await amount(job, "storage, write")).toBe(50e9);
  });

  it("keeps unknown what nobody says, names the key, and takes it when it is given", async () => {
    const unknown = (await explained(job)).lines.filter((line) => line.amount === "unknown");
    expect(unknown.map(({ item }) => item)).toEqual([
      "racks",
      "power, storage",
      "power, cooling and distribution",
      "power, site",
    ]);
    expect(unknown.map(({ note }) => note).join()).toMatch(/rackPower.*storagePower.*powerUsageEffectiveness/);
    expect(await amount(job + given, "racks")).toBe(Math.ceil(18 / 4));
    const equipment = 18 * 10_200 + Number(await amount(job, "power, fabric"));
    expect(await amount(job + given, "power, site")).toBeCloseTo(1.3 * equipment, 6);
  });

  it("of a collective has no cost", async () => {
    const text = `
windtunnel: 1
name: ring
cluster: { node: hgx-h100, nodes: 4 }
workload: { kind: collective, operation: all-reduce, sizes: [1 GiB] }
`;
    const { lines, owning } = await explained(text);
    expect(lines.find(({ item }) => item === "nodes")?.amount).toBe(4);
    expect(owning).toBeUndefined();
  });
});
