import { describe, expect, it } from "vitest";
import {
  type Design,
  parseScenario,
  predict,
  predictDesign,
  resolve,
  resourcesOf,
  sampleOf,
} from "../scenario/index.ts";
import { differencesOf, sensitivities } from "./sensitivity.ts";

interface Choice {
  readonly memory?: number;
  readonly nic?: number;
  readonly price?: number;
}

const text = ({ memory = 3350, nic = 50, price = 2.5 }: Choice = {}): string => `windtunnel: 1
name: training
cluster:
  node:
    extends: hgx-h100
    accelerator: { extends: h100-sxm, memory: { capacity: 80 GiB, bandwidth: ${memory} GB/s } }
    nics: { count: 8, bandwidth: ${nic} GB/s }
  nodes: 8
workload: { kind: training, model: llama-3.1-70b, sequenceLength: 8192, globalBatch: 256, tokens: 1T }
layout: { tensor: 8, pipeline: 2, microBatch: 1, recompute: full }
economics: { acceleratorHour: ${price} $/h }
`;
const training: Design = resolve(parseScenario(text()));
const width = Math.log(1.01 / 0.99);
const close = (found: number, wanted: number): void =>
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(wanted)));

describe("sensitivities", () => {
  it("equal finite differences of scenarios that people could write", () => {
    const found = new Map(sensitivities(training).map((each) => [each.resource, each.elasticity]));
    const now: Required<Choice> = { memory: 3350, nic: 50, price: 2.5 };
    const written: readonly (readonly [keyof Choice, string])[] = [
      ["memory", "memoryBandwidth"],
      ["nic", "scaleOutBandwidth"],
      ["price", "acceleratorPrice"],
    ];
    for (const [key, resource] of written) {
      const at = (factor: number) => predict(parseScenario(text({ [key]: now[key] * factor }))).metrics;
      const [more, less] = [at(1.01), at(0.99)];
      for (const [metric, high] of Object.entries(more)) {
        const low = less[metric] ?? 0;
        if (low <= 0 || high <= 0) continue;
        close(found.get(resource)?.[metric] ?? 0, Math.log(high / low) / width);
      }
    }
  });

  it("equal finite differences of every resource and metric, of training and of simulated serving", () => {
    const serving = resolve(
      parseScenario(`windtunnel: 1
name: serving
cluster: { node: hgx-h100, nodes: 1 }
workload: { kind: serving, model: llama-3.1-8b, requests: { arrivals: poisson, rate: 6 /s, count: 50, input: 1000, output: 80 } }
serving: { engine: { name: vllm, version: "0.11" }, replicas: 1, tensor: 1 }
`),
    );
    if (serving.kind !== "serving") throw new Error("serving");
    const drawn: Design = { kind: "serving", serving: sampleOf(serving.serving, 2000).design };
    for (const [design, step] of [
      [training, 0.01],
      [drawn, 0.05],
    ] as const) {
      const found = new Map(differencesOf(design).sensitivities.map((each) => [each.resource, each.elasticity]));
      for (const { name, scaled } of resourcesOf(design)) {
        const [more, less] = [predictDesign(scaled(1 + step)).metrics, predictDesign(scaled(1 - step)).metrics];
        for (const [metric, high] of Object.entries(more)) {
          const low = less[metric] ?? 0;
          if (low <= 0 || high <= 0) continue;
          close(found.get(name)?.[metric] ?? 0, Math.log(high / low) / Math.log((1 + step) / (1 - step)));
        }
      }
    }
  });

  it("are the local slope, except where a knee is named", () => {
    const { metrics } = predictDesign(training);
    for (const { resource, elasticity, knees } of sensitivities(training)) {
      const scaled = resourcesOf(training).find(({ name }) => name === resource)?.scaled;
      const near = scaled === undefined ? {} : predictDesign(scaled(1.001)).metrics;
      for (const [metric, slope] of Object.entries(elasticity)) {
        const local = Math.log((near[metric] ?? 0) / (metrics[metric] ?? 0)) / Math.log(1.001);
        const bent = knees?.[metric];
        if (bent === undefined) expect(Math.abs(local - slope), `${resource} ${metric}`).toBeLessThanOrEqual(0.02);
        else expect(bent.less).not.toBeCloseTo(bent.more, 2);
      }
    }
  });
});
