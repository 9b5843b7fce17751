/** Every published configuration beside this repository against its table of totals. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hasShared, sharedFile } from "../../../test/shared.ts";
import { countParameters, findModel, forwardFlopPerToken, importModel, models, parseConfig } from "./index.ts";

interface Row {
  readonly names: readonly string[];
  readonly total: number;
  readonly multiToken: string;
  readonly active: string;
}

/** Rows of the table of section 8: `| file | text model | MTP | active | …`. */
function rows(): Row[] {
  const text = readFileSync(sharedFile("reference/architectures.md"), "utf8");
  const table = text.slice(text.indexOf("## 8."));
  return table
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter((cells) => /^[\d,]{9,}$/.test(cells[2] ?? ""))
    .map((cells) => ({
      names: namesOf(cells[1] ?? ""),
      total: Number((cells[2] ?? "").replaceAll(",", "")),
      multiToken: cells[3] ?? "",
      active: cells[4] ?? "",
    }));
}

/** `DeepSeek-V3, R1, V3.1-NVFP4` names DeepSeek-V3, DeepSeek-R1 and so on; copies are found by their prefix. */
function namesOf(cell: string): string[] {
  const parts = cell.replace(/\([^)]*\)/g, "").split(/[,;]/);
  const names = parts.map((name) => name.trim().replace(/ .*$/, "")).filter((name) => name !== "");
  const family = /^[^-]*-/.exec(names[0] ?? "")?.[0] ?? "";
  return names.map((name) => (name.includes(family) || name.startsWith("Llama") ? name : family + name));
}

interface File {
  readonly name: string;
  readonly config: unknown;
}

function files(): File[] {
  return ["data/models", "data/models/reconstructed"].flatMap((folder) =>
    readdirSync(sharedFile(folder))
      .filter((name) => name.endsWith(".json"))
      .map((name) => ({
        name: name.replace(/\.json$/, "").replace(/^.*--/, ""),
        config: parseConfig(readFileSync(sharedFile(`${folder}/${name}`), "utf8")),
      })),
  );
}

const spelled = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll("_", ".")
    .replace(/^(meta|nvidia)-/, "");

/** The row with the longest name that the file's name starts with. */
function rowOf(file: string, table: readonly Row[]): Row | undefined {
  const candidates = table.flatMap((row) => row.names.map((name) => ({ row, name: spelled(name) })));
  const fitting = candidates.filter(({ name }) => spelled(file).startsWith(name.replace(/-(bf16|as filed)$/, "")));
  return fitting.sort((a, b) => b.name.length - a.name.length)[0]?.row;
}

describe.skipIf(!hasShared())("published configurations", () => {
  const table = hasShared() ? rows() : [];
  const all = hasShared() ? files() : [];

  it("are 85, in 54 rows", () => {
    expect(all.length).toBe(85);
    expect(table.length).toBe(54);
    expect(all.filter((file) => !rowOf(file.name, table)).map((file) => file.name)).toEqual([]);
  });

  it.each(all.map((file) => [file.name, file] as const))("%s has its total, exactly", (_, file) => {
    const result = importModel(file.config, { missing: "as-filed" });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const row = rowOf(file.name, table);
    const count = countParameters(result.model);
    expect(count.total).toBe(row?.total);
    const billions = (value: number, digits: number): string => (value / 1e9).toFixed(digits);
    expect(count.multiToken === 0 ? "-" : billions(count.multiToken, 3)).toBe(row?.multiToken);
    if (row?.active !== "-") {
      expect(`${billions(count.active, 2)} / ${billions(count.activeWithoutEmbedding, 2)}`).toBe(row?.active);
    }
  });

  it("only the trimmed step3p7 is refused as it is", () => {
    const refused = all.filter((file) => !importModel(file.config).ok).map((file) => file.name);
    expect(refused).toEqual(["Step-3.7-Flash"]);
  });

  it.each(all.map((file) => [file.name, file] as const))("%s has the same layers as our entry", (_, file) => {
    const own = models.find(file.name) ? findModel(file.name) : undefined;
    const theirs = importModel(file.config);
    if (!own?.ok || !theirs.ok) return;
    expect(own.model.layers).toEqual(theirs.model.layers);
    expect(own.model.layerKinds).toEqual(theirs.model.layerKinds);
    if (theirs.model.maximumLength) expect(own.model.maximumLength).toBe(theirs.model.maximumLength);
  });
});

interface EvidenceRow {
  readonly id: string;
  readonly workload: { readonly model?: string; readonly seq?: number; readonly task?: string };
  readonly measured: readonly { readonly metric: string; readonly value: number }[];
  readonly source: { readonly where: string };
}

/** Median FLOP per token of the rows that state both rates. */
function measuredFlop(select: (row: EvidenceRow) => boolean): number {
  const all: EvidenceRow[] = JSON.parse(readFileSync(sharedFile("evidence/training.json"), "utf8"));
  const value = (row: EvidenceRow, metric: string): number =>
    row.measured.find((entry) => entry.metric === metric)?.value ?? Number.NaN;
  const ratios = all
    .filter(select)
    .map((row) => (value(row, "model_tflops_per_gpu") * 1e12) / value(row, "tokens_per_s_per_gpu"))
    .filter((ratio) => Number.isFinite(ratio))
    .sort((a, b) => a - b);
  return ratios[Math.floor(ratios.length / 2)] ?? Number.NaN;
}

describe.skipIf(!hasShared())("FLOP a token against published rates", () => {
  const bridge = (model: string, length: number) => (row: EvidenceRow) =>
    row.id.startsWith("mbridge") &&
    row.workload.model === model &&
    row.workload.seq === length &&
    row.workload.task === "pretrain";
  const id = (prefix: string) => (row: EvidenceRow) => row.id.startsWith(prefix);
  it.each([
    ["llama-3-8b", bridge("llama-3-8b", 8192), "llama-3-8b", 8192, "causal", 0.001],
    ["llama-3-70b", bridge("llama-3-70b", 8192), "llama-3-70b", 8192, "causal", 0.001],
    ["llama-3.1-405b", bridge("llama-3.1-405b", 8192), "llama-3.1-405b", 8192, "causal", 0.001],
    ["qwen3-30b-a3b", bridge("qwen3-30b-a3b", 4096), "qwen3-30b-a3b", 4096, "causal", 0.005],
    ["qwen3-235b-a22b", bridge("qwen3-235b-a22b", 4096), "qwen3-235b-a22b", 4096, "causal", 0.005],
    ["kimi-k2", bridge("kimi-k2", 4096), "kimi-k2", 4096, "causal", 0.006],
    ["deepseek-v3", bridge("deepseek-v3", 4096), "deepseek-v3", 4096, "causal+draft", 0.004],
    ["ironwood 405b", id("ironwood-llama3-1-405b"), "llama-3.1-405b", 8192, "causal", 0.001],
    ["ironwood gemma4-4b", id("ironwood-gemma4-4b"), "gemma4-4b", 8192, "causal", 0.001],
    ["ironwood gemma4-26b", id("ironwood-gemma4-26b"), "gemma4-26b", 4096, "causal", 0.001],
    ["ironwood gemma4-31b", id("ironwood-gemma4-31b"), "gemma4-31b", 8192, "causal", 0.001],
    ["ironwood gpt-oss", id("ironwood-gpt-oss"), "gpt-oss-120b", 8192, "causal", 0.003],
    ["v5p deepseek3", id("tpu-recipes-v5p-deepseek3"), "deepseek-v3", 4096, "square", 0.001],
    ["v5p maverick", id("tpu-recipes-v5p-llama4-maverick"), "llama-4-maverick", 8192, "square", 0.001],
    ["v5p scout", id("tpu-recipes-v5p-llama4-scout"), "llama-4-scout", 8192, "causal", 0.001],
    ["v5p gpt3", id("tpu-recipes-v5p-gpt3"), "gpt-3", 2048, "square", 0.001],
    // The source counts Mamba with an inner width of 2 h; the model's is 4096 of 5376.
    ["nemotron-3-nano", bridge("nemotron-3-nano", 8192), "nemotron-3-nano", 8192, "causal", 0.07],
  ] as const)("%s", (_, select, name, length, form, tolerance) => {
    const found = findModel(name);
    if (!found.ok) throw new Error("unknown");
    const flop = forwardFlopPerToken(found.model, length, form === "square" ? "square" : "causal");
    const ours = 3 * (flop.total + (form === "causal+draft" ? flop.multiToken : 0));
    expect(Math.abs(ours / measuredFlop(select) - 1)).toBeLessThan(tolerance);
  });

  it("Nemotron 3 Super trains two draft steps of one module", () => {
    const found = findModel("nemotron-3-super");
    if (!found.ok) throw new Error("unknown");
    const flop = forwardFlopPerToken(found.model, 8192, "causal");
    const measured = measuredFlop(bridge("nemotron-3-super", 8192));
    expect(Math.abs((3 * (flop.total + 2 * flop.multiToken)) / measured - 1)).toBeLessThan(0.012);
  });
});
