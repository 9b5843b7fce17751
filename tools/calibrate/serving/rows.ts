/** Measured rows of serving as the calibration loop takes them: models, hardware and engines by name, looked up. */
import { clusterOf } from "../../../src/catalog/cluster-of.ts";
import { nodes } from "../../../src/catalog/index.ts";
import type { ModelArchitecture, StorageFormat } from "../../../src/catalog/model.ts";
import { cacheBytesPerToken, findModel, weightBytes } from "../../../src/catalog/models/index.ts";
import { platformOf } from "../../../src/network/index.ts";
import { sglangKernels, tensorrtKernels, vllmKernels } from "../../../src/serving/step/engine-kernels.ts";
import { publishedPrecision, type StepOptions } from "../../../src/serving/step/options.ts";
import type { LoopWorkload } from "./loop.ts";

export type EngineName = "vllm" | "sglang" | "tensorrt-llm";

export interface ServingRow {
  readonly id: string;
  readonly source: string;
  readonly accelerator: string;
  readonly engine: { readonly name: EngineName; readonly version: string };
  readonly model: string;
  readonly layout: StepOptions["layout"];
  readonly format?: string;
  readonly options: Omit<StepOptions, "constants">;
  readonly workload: LoopWorkload;
  readonly maxBatchedTokens: number;
  readonly maxSequences: number;
  readonly cacheTokens: number;
  readonly measured: Readonly<Partial<Record<"firstToken" | "perToken" | "endToEnd" | "outputPerSecond", number>>>;
}

const nodeNames: Readonly<Record<string, string>> = {
  "h100-sxm": "hgx-h100",
  "h200-sxm": "hgx-h200",
  "b200-sxm": "hgx-b200",
  gb200: "gb200-nvl72",
  gb300: "gb300-nvl72",
  "b300-sxm": "hgx-b300",
  "h200-nvl": "h200-nvl-box",
};

export interface Case {
  readonly id: string;
  readonly source: string;
  readonly accelerator: string;
  readonly engine: ServingRow["engine"];
  readonly model: string;
  readonly layout: StepOptions["layout"];
  /** How products and routed experts are stored; absent: as published. */
  readonly formats?: { readonly gemm: StorageFormat; readonly routed: StorageFormat };
  readonly cacheBytes: number;
  readonly sampling: StepOptions["sampling"];
  readonly workload: LoopWorkload;
  readonly maxBatchedTokens: number;
  readonly maxSequences: number;
  readonly measured: ServingRow["measured"];
}

/** Undefined where the catalog lacks something. */
export function rowOf(given: Case): ServingRow | undefined {
  const found = findModel(given.model);
  const nodeName = nodeNames[given.accelerator];
  if (!found.ok || nodeName === undefined) return undefined;
  const { model } = found;
  const node = nodes.get(nodeName);
  const { accelerator } = node;
  const width = given.layout.tensor * given.layout.attentionData * given.layout.pipeline;
  const platform = platformOf(clusterOf({ node, nodes: Math.max(1, Math.ceil(width / node.acceleratorsPerNode)) }));
  const precision = publishedPrecision(storedAs(model, given.formats), accelerator);
  const kernels = { vllm: vllmKernels, sglang: sglangKernels, "tensorrt-llm": tensorrtKernels }[given.engine.name];
  const held = weightBytes(storedAs(model, given.formats));
  const free = 0.9 * accelerator.memory.capacity - held / width - 4e9;
  const latent = model.layerKinds.some(({ mixer }) => mixer.kind === "latent-attention");
  const perToken =
    cacheBytesPerToken(model, given.cacheBytes) / (latent ? 1 : given.layout.tensor) / given.layout.pipeline;
  return {
    ...given,
    options: {
      model,
      accelerator,
      platform,
      layout: given.layout,
      precision,
      cacheBytes: given.cacheBytes,
      engine: kernels(given.maxSequences, given.engine.version),
      sampling: given.sampling,
    },
    cacheTokens: Math.max(1, free) / perToken,
  };
}

function storedAs(model: ModelArchitecture, formats: Case["formats"]): ModelArchitecture {
  if (formats === undefined) return model;
  const { gemm, routed } = formats;
  const unquantized = { attention: [], dense: [], shared: [], routed: [] };
  const weights = { attention: gemm, dense: gemm, shared: gemm, routed, head: "bf16" as const, unquantized };
  return { ...model, weights };
}
