import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { hasShared, sharedFile } from "../../test/shared.ts";
import type { Arithmetic } from "./accelerator.ts";
import { accelerators, clusterOf, defaultFabric, fabrics, nodes, sources, tiersNeeded } from "./index.ts";

const accelerator = accelerators.get;
const node = nodes.get;
const fabric = fabrics.get;

const everything = [
  ...accelerators.entries.map((entry) => ({ kind: "accelerator", entry })),
  ...nodes.entries.map((entry) => ({ kind: "node", entry })),
  ...fabrics.entries.map((entry) => ({ kind: "fabric", entry })),
];

describe("every entry", () => {
  it.each(everything)("$kind $entry.name names known sources", ({ entry }) => {
    expect(entry.sources.length).toBeGreaterThan(0);
    for (const key of entry.sources) expect(Object.keys(sources)).toContain(key);
    expect(entry.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it("lives in a file of its own name, and every file is listed", () => {
    for (const [folder, registry] of [
      ["accelerators", accelerators],
      ["nodes", nodes],
      ["fabrics", fabrics],
    ] as const) {
      const files = readdirSync(new URL(`./${folder}`, import.meta.url)).filter((file) => file !== "index.ts");
      expect(files.sort()).toEqual(registry.entries.map((entry) => `${entry.name}.ts`).sort());
    }
  });

  it("uses each source of hardware", () => {
    const used = new Set(everything.flatMap(({ entry }) => entry.sources));
    const text = readFileSync(new URL("./sources/hardware.ts", import.meta.url), "utf8");
    const keys = [...text.matchAll(/^ {2}"([a-z0-9-]+)": \{/gm)].map((match) => match[1] ?? "");
    expect(keys.length).toBeGreaterThan(40);
    expect(keys.filter((key) => !used.has(key))).toEqual(["al-fares-2008"]);
  });
});

describe("accelerators", () => {
  /** From slow to fast: a narrower float is never slower. int8 and fp64 are not on the ladder. */
  const ladder: readonly Arithmetic[] = ["fp32", "tf32", "bf16", "fp8", "fp6", "fp4"];

  it.each(accelerators.entries)("$name has positive figures and peaks that grow as formats shrink", (entry) => {
    const rates = ladder.flatMap((width) => (entry.peak[width] === undefined ? [] : [entry.peak[width]]));
    for (const [index, rate] of rates.entries()) expect(rate).toBeGreaterThanOrEqual(rates[index - 1] ?? 1e9);
    if (entry.peak.fp16 !== undefined) expect(entry.peak.fp16).toBe(entry.peak.bf16);
    expect(entry.memory.capacity).toBeGreaterThan(15 * 2 ** 30);
    expect(entry.memory.bandwidth).toBeGreaterThan(entry.scaleUp.bandwidth);
    expect(entry.scaleUp.bandwidth).toBeGreaterThan(0);
    if (entry.power !== "unknown") expect(entry.power).toBeGreaterThan(50);
    if (entry.cache !== undefined) expect(entry.cache).toBeLessThan(entry.memory.capacity / 50);
  });

  it("are found by name and alias in any case", () => {
    expect(accelerator("H100")).toBe(accelerator("h100-sxm"));
    expect(accelerator("a100").name).toBe("a100-sxm-80gb");
    expect(accelerator("Ironwood").name).toBe("tpu-v7x");
    expect(accelerators.find("h10")).toBeUndefined();
  });

  it("count an MI250X die as half a package", () => {
    const [whole, half] = [accelerator("mi250x"), accelerator("mi250x-gcd")];
    for (const width of ["bf16", "fp16", "int8"] as const) expect((half.peak[width] ?? 0) * 2).toBe(whole.peak[width]);
    expect(half.memory.capacity * 2).toBe(whole.memory.capacity);
    expect(half.memory.bandwidth * 2).toBeCloseTo(whole.memory.bandwidth, 0);
  });
});

describe("nodes", () => {
  it.each(nodes.entries)("$name adds up", (entry) => {
    const { acceleratorsPerNode, scaleUp, nics, power } = entry;
    expect(scaleUp.domain % acceleratorsPerNode === 0 || acceleratorsPerNode % scaleUp.domain === 0).toBe(true);
    expect(scaleUp.bandwidth).toBeGreaterThan(0);
    expect(nics.count * nics.bandwidth).toBeGreaterThan(0);
    expect(scaleUp.bandwidth * acceleratorsPerNode).toBeGreaterThan(nics.count * nics.bandwidth);
    const board = entry.accelerator.power;
    if (power !== "unknown" && board !== "unknown") {
      expect(power).toBeGreaterThanOrEqual(board * acceleratorsPerNode);
    }
    expect(fabrics.find(entry.fabric ?? "")).toBeDefined();
  });

  it("carry the ports the evidence states", () => {
    const total = (name: string) => (node(name).nics.count * node(name).nics.bandwidth * 8) / 1e9;
    expect(total("a100-4x200")).toBe(800);
    expect(total("a100-8x200-roce")).toBe(1600);
    expect(total("dgx-a100")).toBe(1600);
    expect(total("dgx-h100")).toBe(3200);
    expect(total("hgx-b300")).toBe(6400);
    expect(total("trn2")).toBe(3200);
  });

  it("have ICI and NVLink domains larger than a node", () => {
    expect(node("gb200-nvl72").scaleUp.domain).toBe(72);
    expect(node("tpu-v5e").scaleUp.domain).toBe(256);
  });
});

describe("clusters", () => {
  it("are complete with a node and a count", () => {
    const cluster = clusterOf({ node: node("hgx-h100"), nodes: 16 });
    expect(cluster.accelerators).toBe(128);
    expect(cluster.fabric.name).toBe("infiniband-ndr");
    expect(cluster.fabric.oversubscription).toHaveLength(cluster.fabric.tiers - 1);
    expect(() => clusterOf({ node: node("hgx-h100"), nodes: 0 })).toThrow("0 nodes");
    expect(() => clusterOf({ node: node("hgx-h100"), nodes: 1.5 })).toThrow();
  });

  it("get the tiers that their size needs", () => {
    const h100 = node("hgx-h100");
    const ndr = fabric("infiniband-ndr");
    expect([8, 9, 256, 257, 8192, 8193].map((count) => tiersNeeded(ndr, h100, count))).toEqual([1, 2, 2, 3, 3, 4]);
    expect(defaultFabric(h100, 2048)).toMatchObject({ tiers: 3, oversubscription: [1, 1] });
    expect(defaultFabric(h100, 8)).toMatchObject({ tiers: 1, oversubscription: [] });
  });

  it("keep the pods of a described fabric", () => {
    const llama = clusterOf({ node: node("grand-teton-h100"), nodes: 2048, fabric: fabric("llama3-roce") });
    expect(llama.fabric).toMatchObject({ tiers: 3, oversubscription: [1, 7], nodesPerPod: 384 });
    expect((llama.fabric.nodesPerPod ?? 0) * llama.node.acceleratorsPerNode).toBe(3072);
  });

  it("find a fabric for a hypothetical node by the speed of its ports", () => {
    const { fabric: _named, ...bare } = node("hgx-h100");
    expect(defaultFabric(bare).name).toBe("infiniband-ndr");
    expect(defaultFabric({ ...bare, nics: { count: 8, bandwidth: 100e9 } }).name).toBe("infiniband-xdr");
    expect(defaultFabric({ ...bare, nics: { count: 8, bandwidth: 25e9 } }).name).toBe("infiniband-hdr");
    expect(defaultFabric({ ...bare, nics: { count: 0, bandwidth: 0 } }).name).toBe("none");
  });

  it("state one oversubscription for each boundary", () => {
    for (const entry of fabrics.entries) expect(entry.oversubscription).toHaveLength(Math.max(0, entry.tiers - 1));
  });
});

/** Our name and node for each of the tool's systems. */
const systems: Readonly<Record<string, readonly [string, string]>> = {
  a100_sxm: ["a100-sxm-80gb", "hgx-a100"],
  a100_pcie: ["a100-pcie-80gb", "a100-pcie-box"],
  a30: ["a30", "a30-box"],
  b200_sxm: ["b200-sxm", "hgx-b200"],
  b300_sxm: ["b300-sxm", "hgx-b300"],
  gb200: ["gb200", "gb200-nvl72"],
  gb300: ["gb300", "gb300-nvl72"],
  h100_pcie: ["h100-pcie", "h100-pcie-box"],
  h100_sxm: ["h100-sxm", "hgx-h100"],
  h200_sxm: ["h200-sxm", "hgx-h200"],
  l4: ["l4", "l4-box"],
  l40s: ["l40s", "l40s-box"],
  rtx_pro_6000_server: ["rtx-pro-6000", "rtx-pro-6000-box"],
};

/** Where we differ from the tool's description on purpose. */
const exceptions: Readonly<Record<string, string>> = {
  b60: "Intel B60 is not in the catalog",
  "b200_sxm inter_node_bw": "it assumes 800 Gbit/s a GPU; DGX B200 has ConnectX-7, 400 Gbit/s",
  "gb200 inter_node_bw": "it assumes 800 Gbit/s a GPU between racks; GB200 NVL72 has ConnectX-7, 400 Gbit/s",
  "a100_pcie inter_node_bw": "it assumes one port a GPU",
  "a30 inter_node_bw": "it assumes one port a GPU",
  "h100_pcie inter_node_bw": "it assumes one port a GPU",
  "l4 inter_node_bw": "it assumes one port a GPU",
  "l40s inter_node_bw": "it assumes one port a GPU",
  "rtx_pro_6000_server inter_node_bw": "it assumes one port a GPU, and calls it a placeholder",
};

const present = hasShared();

// The body of a skipped suite runs too, so it must not read what is absent.
describe.skipIf(!present)("the tool's system descriptions", () => {
  const folder = sharedFile("data/kernels/aiconfigurator/systems");
  const files = (present ? readdirSync(folder) : []).filter((file) => file.endsWith(".yaml"));

  it.each(files)("%s agrees, or is an exception with its reason", (file) => {
    const system = file.replace(".yaml", "");
    const names = systems[system];
    if (names === undefined) {
      expect(Object.keys(exceptions)).toContain(system);
      return;
    }
    const { gpu, node: theirs } = parse(readFileSync(`${folder}/${file}`, "utf8")) as {
      gpu: Record<string, number>;
      node: Record<string, number>;
    };
    const ours = accelerator(names[0]);
    const box = node(names[1]);
    expect(box.accelerator).toBe(ours);
    const portsEach = (box.nics.count * box.nics.bandwidth) / box.acceleratorsPerNode;
    const pairs: readonly (readonly [string, number | undefined, number | undefined])[] = [
      ["mem_bw", ours.memory.bandwidth, gpu.mem_bw],
      ["mem_capacity", ours.memory.capacity, gpu.mem_capacity],
      ["bfloat16_tc_flops", ours.peak.bf16, gpu.bfloat16_tc_flops],
      ["int8_tc_flops", ours.peak.int8, gpu.int8_tc_flops],
      ["fp8_tc_flops", ours.peak.fp8, gpu.fp8_tc_flops],
      ["fp4_tc_flops", ours.peak.fp4, gpu.fp4_tc_flops],
      ["power", ours.power === "unknown" ? 0 : ours.power, gpu.power],
      ["intra_node_bw", ours.scaleUp.bandwidth, theirs.intra_node_bw],
      ["inter_node_bw", portsEach, theirs.inter_rack_bw ?? theirs.inter_node_bw],
    ];
    for (const [field, our, their] of pairs) {
      const agrees = our === their || Math.abs((our ?? 0) / (their ?? 0) - 1) < 1e-3;
      const message = `${system} ${field}: ${our} against ${their}`;
      expect(agrees, message).toBe(!(`${system} ${field}` in exceptions));
    }
  });
});
