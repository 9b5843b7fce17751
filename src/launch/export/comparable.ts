/**
 * Values of a design that a step depends on, by key of the scenario, so that two designs can be held against each other:
 * defaults are written out, what has no effect is left out.
 */

import { dispatchMultiprocessors, stageLayerCounts } from "../../training/index.ts";
import { shapeOf } from "../model.ts";
import { hasExperts } from "./settings.ts";
import type { Case } from "./target.ts";

export type Comparable = ReadonlyMap<string, unknown>;

export function comparable(c: Case): Comparable {
  const values = new Map<string, unknown>();
  const add = (prefix: string, value: unknown): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, below] of Object.entries(value)) add(`${prefix}.${key}`, below);
    } else values.set(prefix, value);
  };
  values.set("workload.model", shapeOf(c.model));
  add("workload", workloadOf(c));
  add("layout", layoutOf(c));
  add("software", softwareOf(c));
  // One launch has one kind of machine, and says nothing of machines that are slower than the rest.
  values.set("cluster.pools", c.pools?.pools.map(({ name }) => name) ?? "none");
  values.set("stragglers", c.stragglers?.list.length ?? 0);
  values.set("jitter", c.jitter ?? "calibrated");
  return values;
}

function workloadOf(c: Case): Readonly<Record<string, unknown>> {
  const { lengths, objective, routing } = c;
  const passes = objective?.passes.map(({ name, model, weights }) => `${name} ${model.name} (${weights})`) ?? [];
  return {
    sequenceLength: c.sequenceLength,
    lengths: lengths === undefined ? "all alike" : `${lengths.distribution.kind}, packing ${lengths.packing}`,
    globalBatch: c.globalBatch,
    precision: c.precision,
    tuning: tuningOf(c),
    objective: [objective?.method ?? "next-token", ...passes].join(", "),
    multiTokenPrediction: c.multiTokenModules,
    highPrecisionLayers: c.highPrecisionLayers,
    ...(hasExperts(c)
      ? { routing: routing === undefined ? "balanced" : "natural", routingSkew: routing?.skew ?? 0 }
      : {}),
  };
}

function tuningOf({ tuning, layout }: Case): Readonly<Record<string, unknown>> {
  const { method, frozenLayers = 0 } = tuning;
  if (tuning.method === "full") return { method, frozenLayers };
  const { rank, targets, base = "bf16", dropout = "off", exchange = "all-gather" } = tuning;
  const split = layout.tensor > 1 && layout.sequenceParallel === "on";
  return { method, frozenLayers, rank, targets: [...targets].sort(), base, dropout, ...(split ? { exchange } : {}) };
}

function layoutOf(c: Case): Readonly<Record<string, unknown>> {
  const { layout, model } = c;
  const { stageLayers: _, stageEnds, expert, expertTensor, recompute, reshardAfterForward, ...degrees } = layout;
  const { optimizerOffload = 0, weightOffload = "off" } = layout;
  const whole = layout.sharding !== "full" && layout.sharding !== "hybrid";
  const piped = layout.pipeline > 1;
  return {
    ...degrees,
    ...(hasExperts(c) ? { expert, expertTensor } : {}),
    // A set of modules: in which order they are written says nothing.
    recompute: typeof recompute === "string" ? recompute : [...recompute].sort(),
    ...(whole ? {} : { reshardAfterForward: reshardAfterForward ?? "always" }),
    optimizerOffload,
    weightOffload,
    stageLayers: piped ? stageLayerCounts(model.layers.length, layout) : [],
    ...(piped && stageEnds !== undefined ? { stageEnds } : {}),
  };
}

function softwareOf(c: Case): Readonly<Record<string, unknown>> {
  const { layout, software } = c;
  const { name: _name, version: _version, label: _label, sources: _sources, ...stack } = software;
  const { cudaGraphScope, dispatchMultiprocessors: _taken, capacityFactor, contextExchange, ...common } = stack;
  const { dispatcher, routing, expertImbalance, overlap, kernels, ...rest } = common;
  const { expert, sharedExpert, optimizerOffload, ...overlaps } = overlap;
  const { expertBias, expertBiasSums, router, permutation, rowFilling, expertWeights, ...plain } = kernels;
  const experts = hasExperts(c);
  const taken = dispatchMultiprocessors(software);
  const host = (layout.optimizerOffload ?? 0) > 0 || layout.weightOffload === "on";
  return {
    ...rest,
    ...(layout.context > 1 ? { contextExchange } : {}),
    ...(stack.cudaGraphs === "partial" ? { cudaGraphScope: [...(cudaGraphScope ?? ["all"])].sort() } : {}),
    ...(experts ? { dispatcher, routing, expertImbalance } : {}),
    ...(experts && taken > 0 ? { dispatchMultiprocessors: taken } : {}),
    ...(experts && routing === "capacity" ? { capacityFactor: capacityFactor ?? 1 } : {}),
    overlap: { ...overlaps, ...(experts ? { expert, sharedExpert } : {}), ...(host ? { optimizerOffload } : {}) },
    kernels: {
      ...plain,
      ...(experts ? { expertBias, expertBiasSums, router, permutation, rowFilling, expertWeights } : {}),
    },
  };
}
