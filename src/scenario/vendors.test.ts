/** Every kind of node of the catalog trains a model through the same interfaces, and says how far to trust that. */

import { describe, expect, it } from "vitest";
import { nodes } from "../catalog/index.ts";
import { type Prediction, predict, scenarioFromValue } from "./index.ts";

/** Llama 3.1 8B, fully sharded over 64 accelerators, with the usual stack of the hardware. */
function trained(name: string): Prediction {
  const node = nodes.get(name);
  return predict(
    scenarioFromValue({
      windtunnel: 1,
      name,
      cluster: { node: name, nodes: Math.max(1, 64 / node.acceleratorsPerNode) },
      workload: { kind: "training", model: "llama-3.1-8b", sequenceLength: 4096, globalBatch: 512 },
      layout: { sharding: "full", microBatch: 4, recompute: "full" },
    }),
  );
}

const rate = ({ metrics }: Prediction): number => metrics.tokensPerSecondPerAccelerator ?? Number.NaN;

describe("every node of the catalog", () => {
  it.each(nodes.entries.map(({ name }) => name))("%s trains at a possible utilisation", (name) => {
    const { accelerator } = nodes.get(name);
    const prediction = trained(name);
    expect(prediction.metrics.stepTime).toBeGreaterThan(0);
    expect(prediction.metrics.modelFlopsUtilization).toBeGreaterThan(0.01);
    expect(prediction.metrics.modelFlopsUtilization).toBeLessThan(0.75);
    const kernels = prediction.assumptions.find(({ value }) => value.startsWith("kernel efficiencies"));
    if (accelerator.vendor === "NVIDIA") return;
    // No kernel of another vendor was measured: the words say so, with the reason.
    expect(kernels).toMatchObject({ path: "cluster.node.accelerator", value: "kernel efficiencies assumed" });
    expect(kernels?.reason).toContain(accelerator.name);
    expect(["assumed", "extrapolated"]).toContain(prediction.basis.stepTime?.trust);
  });

  it.each([
    ["hgx-a100", "hgx-h100", "hgx-b200", "hgx-b300", "gb300-nvl72"],
    ["frontier", "mi300x-8", "mi325x-8", "mi355x-8"],
    ["tpu-v5e-pod", "tpu-v4-pod", "tpu-v5p-pod", "tpu-v6e-pod", "tpu-v7x-pod"],
    ["hls-gaudi2", "hls-gaudi3"],
    ["atlas-800t-a2", "hgx-h800"],
  ])("is as fast as its generation: %s up to %s", (...names) => {
    const rates = names.map((name) => rate(trained(name)));
    for (let index = 1; index < rates.length; index++) {
      expect(rates[index], names[index]).toBeGreaterThan((rates[index - 1] ?? 0) * 0.99);
    }
  });

  it("is given the usual stack of its vendor", () => {
    const stack = (name: string): string | undefined =>
      trained(name).assumptions.find(({ path }) => path === "software")?.value;
    expect(stack("tpu-v5p-pod")).toBe("maxtext@2025");
    expect(stack("mi300x-8")).toBe("primus@2025");
    expect(stack("atlas-800t-a2")).toBe("megatron-core@2024.07");
    expect(stack("hgx-h100")).toBe("megatron-core@2024.07");
  });
});
