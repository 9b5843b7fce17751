/** What a target of export for serving is: one file each, one line in `../serving.ts`. */

import type { ServingDesign } from "../../../scenario/index.ts";
import { engineProfile, usualCacheFormat } from "../../../serving/profiles.ts";
import { type Row, type Written, writtenRows } from "../../rows.ts";

export type Pool = ServingDesign["pools"][number];

export interface ServingTarget {
  readonly name: string;
  readonly summary: string;
  /** The engine that it starts: of another one, settings without a word are its own. */
  readonly engine: string;
  /** Why a key of the scenario is lost here, before the reasons that all targets share. */
  readonly reasons: readonly { readonly path: RegExp; readonly reason: string }[];
  /** The launch of one pool; `load` is the command that sends the requests, where one says them. */
  write(design: ServingDesign, pool: Pool): string;
}

/** Always written, also where the engine would take them by itself. */
const always = /\.(maxBatchedTokens|maxSequences|maxLength|memoryUtilization)$/;

/**
 * Settings of a pool's engine in the words of a target's rows; those that its version has by itself are left out, unless
 * the target is another engine.
 */
export function engineSettings(
  { model }: ServingDesign,
  pool: Pool,
  rows: readonly Row[],
  target: string,
): readonly { readonly name: string; readonly value: Written }[] {
  const own = engineValues(pool);
  const usual = pool.engineName === target ? usualValues(pool, model) : {};
  return writtenRows(rows, (key) => {
    const value = own[key];
    return always.test(key) || JSON.stringify(value) !== JSON.stringify(usual[key]) ? value : undefined;
  });
}

type Values = Readonly<Record<string, unknown>>;

/** What a pool's engine does, by key of the scenario. */
export function engineValues(pool: Pool): Values {
  const { engine, memory, graphs, precision, cachePrecision, expertKernels, adapters } = pool;
  const { options = {} } = engine;
  const values = {
    maxBatchedTokens: engine.maxBatchedTokens,
    maxSequences: engine.maxSequences,
    maxLength: engine.maxLength,
    blockTokens: engine.blockTokens,
    cacheBlocks: engine.blocks === memory.blocks ? undefined : engine.blocks,
    memoryUtilization: memory.utilization,
    watermark: engine.watermark,
    reservation: engine.admission,
    chunkedPrefill: engine.chunkedPrefill,
    longPrefillThreshold: engine.longPrefillThreshold,
    prefixCaching: engine.prefixCaching,
    queueOrder: options.queueOrder ?? engine.queueOrder,
    hostOverlap: engine.hostOverlap,
    precision: precision === "as-published" ? undefined : precision,
    cachePrecision,
    expertKernels,
    graphs: graphs.captured,
    graphSizes: graphs.sizes,
    capacityPolicy: options.capacityPolicy,
    balance: options.balance,
    balanceTimeout: options.balanceTimeout,
    balanceWait: options.balanceWait,
    batchWaitIterations: options.batchWaitIterations,
    batchWaitShare: options.batchWaitShare,
    mixedChunk: options.mixedChunk,
    maxPrefillTokens: options.maxPrefillTokens,
    receiveInterval: options.receiveInterval,
    adapterSlots: adapters?.slots,
    adapterRank: adapters?.rank,
  };
  const named = Object.entries(values).map(([key, value]) => [`serving.engine.${key}`, value]);
  return {
    ...Object.fromEntries(named),
    "serving.tensor": pool.layout.tensor,
    "serving.pipeline": pool.layout.pipeline,
  };
}

/** What its version does where nothing is said. */
function usualValues({ engineName, engine, cluster, layout, precision }: Pool, model: ServingDesign["model"]): Values {
  const { accelerator } = cluster.node;
  const profile = engineProfile(engineName, engine.version);
  const defaults = profile?.defaults({
    accelerator: accelerator.name,
    capacity: accelerator.memory.capacity,
    accelerators: layout.accelerators,
    attentionData: layout.attentionData,
    speculation: engine.speculation === undefined ? "off" : "on",
  });
  const { admission, options = {}, ...rest } = defaults ?? {};
  const cachePrecision = profile === undefined ? "bf16" : usualCacheFormat(profile, model, precision);
  const values = { ...rest, ...options, reservation: admission, cachePrecision, graphs: "on" };
  const named = Object.entries(values).map(([key, value]) => [`serving.engine.${key}`, value]);
  return { mixedChunk: "off", ...Object.fromEntries(named), "serving.tensor": 1, "serving.pipeline": 1 };
}

/** `--flag value` lines of a command. */
export function flags(settings: readonly { readonly name: string; readonly value: Written }[]): readonly string[] {
  return settings.flatMap(({ name, value }) => {
    if (value === false) return [];
    return [value === true ? `--${name}` : `--${name} ${String(value)}`];
  });
}

/** A command over several lines. */
export function command(program: string, lines: readonly string[]): string {
  return [program, ...lines].join(" \\\n  ");
}

/** Lines above every export: for which machines it is. */
export function servingHeading({ name }: ServingDesign, { cluster, engineName, engine, replicas }: Pool): string {
  const { node, nodes } = cluster;
  return [
    "#!/bin/bash",
    `# ${name}`.replaceAll("\n", " "),
    `# ${nodes} x ${node.name}, ${node.acceleratorsPerNode} accelerators each; ${engineName} ${engine.version}; replicas ${replicas}`,
  ].join("\n");
}
