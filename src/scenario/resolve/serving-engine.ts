/** The engine of a pool: its version's profile, what the scenario says otherwise, and every default written down. */

import { formatQuantity } from "../../base/quantity.ts";
import { suggestion } from "../../base/suggestion.ts";
import type { Accelerator } from "../../catalog/accelerator.ts";
import type { ModelArchitecture, StorageFormat } from "../../catalog/model.ts";
import type { EngineSettings } from "../../serving/engine/settings.ts";
import { type MemoryCase, type ReplicaMemory, replicaMemory } from "../../serving/memory.ts";
import {
  defaultEngine,
  type EngineDefaults,
  type EngineProfile,
  engineNames,
  engineProfile,
  engineProfiles,
  usualCacheFormat,
} from "../../serving/profiles.ts";
import type { EngineText } from "../schema/serving-engine.ts";
import type { PoolDesign, ReplicaLayout } from "../serving/design.ts";
import { resolveExpertKernels } from "./expert-kernels.ts";
import type { Files } from "./model.ts";
import { given, type Notes, problem } from "./notes.ts";
import { checkPromptWaiting } from "./prompt-waiting.ts";
import { resolveAdapters } from "./serving-adapters.ts";
import { resolveSteps } from "./serving-steps.ts";
import { resolveSpeculation } from "./speculation.ts";

export interface EngineContext {
  readonly model: ModelArchitecture;
  readonly accelerator: Accelerator;
  readonly layout: ReplicaLayout;
  readonly files: Files;
  /** Where the engine's keys stand: `serving.engine`, or that of a pool. */
  readonly path: string;
}

/** What a pool's design takes from its engine. */
export type EngineDesign = Pick<
  PoolDesign,
  | "engine"
  | "engineName"
  | "precision"
  | "cachePrecision"
  | "expertKernels"
  | "memory"
  | "graphs"
  | "drafting"
  | "adapters"
  | "host"
  | "steps"
>;

export function resolveEngine(written: EngineText, context: EngineContext, notes: Notes): EngineDesign | undefined {
  const found = profileOf(written, context, notes);
  if (found === undefined) return undefined;
  const { profile, version } = found;
  const { model, path, layout } = context;
  const drafts = resolveSpeculation(written, context, notes);
  const defaults = profile.defaults({
    accelerator: context.accelerator.name,
    capacity: context.accelerator.memory.capacity,
    accelerators: layout.accelerators,
    attentionData: layout.attentionData,
    speculation: written.speculation === undefined ? "off" : "on",
  });
  const chosen = chosenSettings(written, defaults, `${profile.name} ${version}`, path, notes);
  const precision = precisionOf(written, context, notes);
  const cachePrecision = cachePrecisionOf(written, found, context, notes);
  const drafter = drafts?.drafting.drafter ?? "none";
  const adapters = resolveAdapters(written, profile.name, context, notes);
  const parts: MemoryParts = { profile, defaults, chosen, precision, cachePrecision, drafter, adapters };
  const memory = memoryOf(written, context, parts, notes);
  const blocks = written.cacheBlocks ?? memory.blocks;
  const maxLength = lengthOf(written, { model, path, room: blocks * chosen.blockTokens }, notes);
  const engine: EngineSettings = {
    batching: profile.batching,
    version,
    ...chosen,
    maxLength,
    blocks,
    dataParallel: layout.attentionData,
    pipeline: layout.pipeline,
    ...(drafts === undefined ? {} : { speculation: drafts.speculation }),
    ...optionsOf(written, profile, defaults, path, notes),
  };
  if (profile.name === "tensorrt-llm") checkPromptWaiting(written, layout.attentionData, path, notes);
  const steps = resolveSteps(written.steps, context, notes);
  return {
    engine,
    engineName: profile.name,
    precision,
    cachePrecision,
    memory,
    graphs: graphsOf(written, path, notes),
    ...(drafts === undefined ? {} : { drafting: drafts.drafting }),
    ...resolveExpertKernels(written, precision, context, notes),
    ...(adapters === undefined ? {} : { adapters }),
    host: written.host ?? {},
    ...(steps === undefined ? {} : { steps }),
  };
}

interface FoundProfile {
  readonly profile: EngineProfile;
  readonly version: string;
}

function profileOf(written: EngineText, { path }: EngineContext, notes: Notes): FoundProfile | undefined {
  const name = given(notes, `${path}.name`, written.name, defaultEngine.name, "not given").toLowerCase();
  if (!engineNames.includes(name)) {
    const near = suggestion(name, engineNames);
    const hint = near === undefined ? `known: ${engineNames.join(", ")}` : `did you mean "${near}"?`;
    problem(notes, `${path}.name`, `unknown engine "${name}"`, hint);
    return undefined;
  }
  const own = engineProfiles.filter((profile) => profile.name === name);
  const newest = own.at(-1)?.since ?? "";
  const usual = name === defaultEngine.name ? defaultEngine.version : newest;
  const version = given(notes, `${path}.version`, written.version, usual, "not given");
  const profile = engineProfile(name, version);
  if (profile === undefined) {
    const oldest = own[0]?.since ?? "";
    const message = `unknown version "${version}" of ${name}`;
    problem(notes, `${path}.version`, message, `${oldest} and newer, e.g. version: "${usual}"`);
    return undefined;
  }
  return { profile, version };
}

const settings = [
  "maxBatchedTokens",
  "maxSequences",
  "blockTokens",
  "watermark",
  "chunkedPrefill",
  "longPrefillThreshold",
  "prefixCaching",
  "hostOverlap",
] as const;

type Chosen = Omit<
  EngineSettings,
  "batching" | "version" | "maxLength" | "blocks" | "dataParallel" | "pipeline" | "speculation" | "options"
>;

/** Every setting of the profile, replaced by what is written; what is not is noted. */
function chosenSettings(
  written: EngineText,
  defaults: EngineDefaults,
  engine: string,
  path: string,
  notes: Notes,
): Chosen {
  const reason = `not given; as ${engine} does`;
  const take = <Key extends (typeof settings)[number]>(key: Key): EngineDefaults[Key] => {
    const value = (written as Partial<EngineDefaults>)[key];
    return given<string | number>(notes, `${path}.${key}`, value, defaults[key], reason) as EngineDefaults[Key];
  };
  const order = written.queueOrder === "longest-prefix" ? "arrival" : written.queueOrder;
  return {
    maxBatchedTokens: take("maxBatchedTokens"),
    maxSequences: take("maxSequences"),
    blockTokens: take("blockTokens"),
    watermark: take("watermark"),
    chunkedPrefill: take("chunkedPrefill"),
    longPrefillThreshold: take("longPrefillThreshold"),
    prefixCaching: take("prefixCaching"),
    hostOverlap: overlapOf(written, () => take("hostOverlap"), path, notes),
    admission: given(notes, `${path}.reservation`, written.reservation, defaults.admission, reason),
    queueOrder: given(notes, `${path}.queueOrder`, order, defaults.queueOrder, reason),
  };
}

/** N-grams are looked up in tokens that the host must have first: engines then do not work ahead. @source vllm-speculation */
function overlapOf(
  { speculation, hostOverlap }: EngineText,
  usual: () => EngineSettings["hostOverlap"],
  path: string,
  notes: Notes,
): EngineSettings["hostOverlap"] {
  if (speculation?.method !== "ngram") return usual();
  const reason = "not given; n-grams are looked up in tokens that the host must have first";
  if (hostOverlap === "on") problem(notes, `${path}.hostOverlap`, "on, and n-grams need the last token", "off");
  return given(notes, `${path}.hostOverlap`, hostOverlap, "off", reason);
}

/** Keys that only one engine has. */
const ownKeys = [
  ["capacityPolicy", "tensorrt-llm"],
  ["balance", "tensorrt-llm"],
  ["balanceTimeout", "tensorrt-llm"],
  ["balanceWait", "tensorrt-llm"],
  ["batchWaitIterations", "tensorrt-llm"],
  ["batchWaitShare", "tensorrt-llm"],
  ["mixedChunk", "sglang"],
  ["maxPrefillTokens", "sglang"],
  ["receiveInterval", "sglang"],
] as const;

function optionsOf(
  written: EngineText,
  profile: EngineProfile,
  defaults: EngineDefaults,
  path: string,
  notes: Notes,
): Pick<EngineSettings, "options"> {
  const options: Record<string, string | number> = { ...defaults.options };
  for (const [key, engine] of ownKeys) {
    const value = written[key];
    if (value === undefined) continue;
    if (engine === profile.name) options[key] = value;
    else problem(notes, `${path}.${key}`, `${profile.name} has no such setting`, `it is one of ${engine}; remove it`);
  }
  if (written.queueOrder === "longest-prefix") {
    if (profile.name === "sglang") options.queueOrder = "longest-prefix";
    else problem(notes, `${path}.queueOrder`, `${profile.name} has no such order`, "arrival or priority");
  }
  return Object.keys(options).length === 0 ? {} : { options };
}

/** The unit that a format is computed in, and what follows where the accelerator has none. */
function precisionOf(
  written: EngineText,
  { model, accelerator, path }: EngineContext,
  notes: Notes,
): PoolDesign["precision"] {
  const published = model.weights === undefined ? (model.weightFormat ?? "bf16") : publishedFormats(model);
  if (written.precision === undefined) {
    notes.assumptions.push({ path: `${path}.precision`, value: published, reason: "not given; as published" });
    return "as-published";
  }
  const unit = written.precision === "fp8" || written.precision === "fp8-block" ? "fp8" : undefined;
  if (unit !== undefined && accelerator.peak[unit] === undefined) {
    const reason = `${accelerator.name} has no ${unit} unit; weights are stored so and multiplied in 16 bits`;
    notes.assumptions.push({ path: `${path}.precision`, value: written.precision, reason });
  }
  return written.precision;
}

function cachePrecisionOf(
  written: EngineText,
  { profile, version }: FoundProfile,
  { model, path }: EngineContext,
  notes: Notes,
): PoolDesign["cachePrecision"] {
  const usual = usualCacheFormat(profile, model, written.precision ?? "as-published");
  const reason =
    usual === "bf16" ? "not given" : `not given; its checkpoint asks for it, as ${profile.name} ${version} does`;
  return given(notes, `${path}.cachePrecision`, written.cachePrecision, usual, reason);
}

function publishedFormats({ weights }: ModelArchitecture): string {
  if (weights === undefined) return "bf16";
  const { attention, dense, shared, routed } = weights;
  return [...new Set([attention, dense, shared, routed])].join(", ");
}

const cacheBytes = { bf16: 2, fp8: 1 } as const;

interface MemoryParts {
  readonly profile: EngineProfile;
  readonly defaults: EngineDefaults;
  readonly chosen: Chosen;
  readonly precision: PoolDesign["precision"];
  readonly cachePrecision: PoolDesign["cachePrecision"];
  readonly drafter: MemoryCase["drafter"];
  readonly adapters: MemoryCase["adapters"];
}

function memoryOf(
  written: EngineText,
  { model, accelerator, layout, path }: EngineContext,
  { profile, defaults, chosen, precision, cachePrecision, drafter, adapters }: MemoryParts,
  notes: Notes,
): ReplicaMemory {
  const reason = `not given; as ${profile.name} does`;
  const at = `${path}.memoryUtilization`;
  const utilization = given(notes, at, written.memoryUtilization, defaults.memoryUtilization, reason);
  const c: MemoryCase = {
    model,
    layout,
    capacity: accelerator.memory.capacity,
    precision: precision as StorageFormat | "as-published",
    cacheElementBytes: cacheBytes[cachePrecision],
    blockTokens: chosen.blockTokens,
    utilization,
    maxBatchedTokens: chosen.maxBatchedTokens,
    maxSequences: chosen.maxSequences,
    rule: profile.memory,
    drafter,
    ...(adapters === undefined ? {} : { adapters }),
  };
  const memory = replicaMemory(c);
  if (written.cacheBlocks === undefined && memory.blocks > 0) {
    const value = formatQuantity(memory.blocks, "count");
    const bytes = (size: number): string => formatQuantity(size, "bytes");
    const parts = `${bytes(memory.weights)} of weights, ${bytes(memory.activations + memory.runtime)} of activations and runtime`;
    const reasonOf = `from memory: ${bytes(memory.cache)} of ${bytes(memory.capacity)} beside ${parts}`;
    notes.assumptions.push({ path: `${path}.cacheBlocks`, value, reason: reasonOf });
  }
  return memory;
}

/** Tokens of one request: as written, else what the model takes, as far as the cache holds it. */
function lengthOf(
  { maxLength }: EngineText,
  { model, path, room }: { readonly model: ModelArchitecture; readonly path: string; readonly room: number },
  notes: Notes,
): number {
  const { maximumLength } = model;
  const at = `${path}.maxLength`;
  if (maxLength !== undefined) {
    if (maximumLength !== undefined && maxLength > maximumLength) {
      const message = `${maxLength} tokens, and ${model.name} takes ${maximumLength}`;
      problem(notes, at, message, `at most ${maximumLength}`);
    }
    return maxLength;
  }
  const own = maximumLength ?? room;
  const least = room === 0 ? own : Math.min(own, room);
  const reason = least < own ? `not given; the model takes ${own}, its cache holds so many` : "not given; the model's";
  notes.assumptions.push({ path: at, value: String(least), reason });
  return least;
}

function graphsOf(written: EngineText, path: string, notes: Notes): PoolDesign["graphs"] {
  const captured = given(notes, `${path}.graphs`, written.graphs, "on", "not given");
  const { graphSizes } = written;
  if (captured === "off" && graphSizes !== undefined) {
    problem(notes, `${path}.graphSizes`, "has no effect with graphs: off", "remove it");
  }
  return graphSizes === undefined ? { captured } : { captured, sizes: [...graphSizes].sort((a, b) => a - b) };
}
