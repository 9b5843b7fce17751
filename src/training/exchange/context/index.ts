/**
 * Context parallelism of one layer: how its core is cut into kernel calls, what travels around it, and the buffers that
 * needs. Ways of exchanging keys and values by name; adding one: its file, and a line here.
 */

import type { Bytes } from "../../../base/quantity.ts";
import type { LayerKind, Mixer } from "../../../catalog/model.ts";
import {
  type AttentionShape,
  type LayerCost,
  type LayerShard,
  type Operator,
  tokensPerRank,
} from "../../../compute/index.ts";
import type { TrainingCase } from "../../case.ts";
import type { Layout } from "../../layout.ts";
import { type DrawnCore, type Exchange, type LayerOptions, none, nothing, type PassTimes } from "../exchange.ts";
import { allGather } from "./all-gather.ts";
import { allToAll } from "./all-to-all.ts";
import { callTimes } from "./core.ts";
import { hierarchical } from "./hierarchical.ts";
import type { ContextBalance, ContextMethod, ContextWork, CoreCall } from "./method.ts";
import { ring } from "./ring.ts";
import { stateExchange } from "./state.ts";

export { callTimes, workTime } from "./core.ts";
export type { ContextBalance, ContextMethod, ContextWork, CoreCall } from "./method.ts";
export { stateHeadProblem } from "./state.ts";

export type ContextExchangeName = "ring" | "all-gather" | "all-to-all" | "hierarchical";

export const contextMethods: Readonly<Record<ContextExchangeName, ContextMethod>> = Object.freeze({
  ring,
  "all-gather": allGather,
  "all-to-all": allToAll,
  hierarchical,
});

type CoreCase = Pick<TrainingCase, "layout" | "sequenceLength">;

/** Work of one layer's core as its context ranks share it; undefined without a core that reads keys. */
export function contextWork(c: CoreCase, mixer: Mixer): ContextWork | undefined {
  const shape = coreShape(c, mixer);
  return shape === undefined ? undefined : workOf(c.layout, shape);
}

/** The same from the shape of the whole core. */
export function workOf(layout: Layout, shape: AttentionShape): ContextWork {
  return { shape, ranks: layout.context, inner: layout.contextInner ?? 1, balance: balanceOf(layout) };
}

function balanceOf({ contextBalance }: Layout): ContextBalance {
  return contextBalance ?? "zig-zag";
}

/** Heads of one tensor rank over whole sequences. */
function coreShape({ layout, sequenceLength }: CoreCase, mixer: Mixer): AttentionShape | undefined {
  if (mixer.kind !== "attention" && mixer.kind !== "latent-attention") return undefined;
  const heads = mixer.heads / layout.tensor;
  const whole = {
    sequences: layout.microBatch,
    queries: sequenceLength,
    keys: sequenceLength,
    heads,
    valueHeadDim: mixer.valueHeadDim,
    causal: "causal" as const,
  };
  // Latent attention trains in its expanded form, and its expanded keys are what travels.
  if (mixer.kind === "latent-attention")
    return { ...whole, keyValueHeads: heads, headDim: mixer.nopeDim + mixer.ropeDim };
  const window = mixer.span.kind === "full" ? {} : { window: mixer.span.size };
  return {
    ...whole,
    keyValueHeads: Math.max(1, mixer.keyValueHeads / layout.tensor),
    headDim: mixer.headDim,
    ...window,
  };
}

/** A core as one of its ranks runs it, and how much longer the busiest rank takes where the cut is not even. */
export interface SharedCore {
  readonly operators: readonly Operator[];
  readonly imbalance: PassTimes;
}

/** Cuts the fused core of a layer among its context ranks. */
export function sharedCore(options: LayerOptions, operators: readonly Operator[]): SharedCore {
  const { layout } = options.case;
  const drawn = options.drawnCore?.(options.kind);
  if (layout.context === 1 && drawn === undefined) return { operators, imbalance: nothing };
  let imbalance: PassTimes = nothing;
  const cut = operators.flatMap((operator): readonly Operator[] => {
    if (operator.kind !== "attention") return [operator];
    const { modules, shape } = operator;
    const work = workOf(layout, shape);
    const method = methodOf(options.case);
    const core = drawn ?? evenCore(options, method, work);
    imbalance = core.excess;
    const launches = method?.calls(work).reduce((sum, { count }) => sum + count, 0) ?? 1;
    const timed: Operator = { ...operator, time: { ...core.time, launches } };
    if (method === undefined) return [timed];
    const pass = { kind: "pass", part: "elementwise", pass: "stream", name: "context-merge", modules } as const;
    return [timed, { ...pass, ...method.pass(work) }];
  });
  return { operators: cut, imbalance };
}

/** The exchange of a case; none without context ranks. */
export function methodOf({ layout, software }: Pick<TrainingCase, "layout" | "software">): ContextMethod | undefined {
  return layout.context === 1 ? undefined : contextMethods[software.contextExchange];
}

/** Whole sequences: what an even cut takes, and what the busiest rank of another takes beyond. */
function evenCore({ kernels }: LayerOptions, method: ContextMethod | undefined, work: ContextWork): DrawnCore {
  const calls = (balance: ContextBalance): readonly CoreCall[] =>
    method?.calls({ ...work, balance }) ?? [{ shape: work.shape, count: 1 }];
  const time = callTimes(kernels, calls("zig-zag"));
  const even = work.balance === "zig-zag";
  return { time, excess: even ? nothing : excess(callTimes(kernels, calls(work.balance)), time) };
}

function excess(busiest: PassTimes, mean: PassTimes): PassTimes {
  return {
    forward: Math.max(0, busiest.forward - mean.forward),
    backward: Math.max(0, busiest.backward - mean.backward),
  };
}

/** Time of the exchange around the core (or the scan) of one layer. */
export function contextExchange(
  options: LayerOptions,
  shard: LayerShard,
  cost: LayerCost,
  imbalance: PassTimes,
): Exchange {
  const { kind, platform, groups } = options;
  const { layout, software } = options.case;
  const { mixer } = kind;
  if (layout.context === 1 || mixer.kind === "none") return none;
  const { context: group, contextInner: innerGroup, contextOuter: outerGroup } = groups;
  if ("coreFlop" in mixer)
    return stateExchange(mixer, { tokens: tokensPerRank(shard), tensor: layout.tensor, group, platform });
  const work = contextWork(options.case, mixer);
  if (work === undefined) return none;
  const core = {
    forward: cost.forward.attention + imbalance.forward,
    backward: cost.backwardInput.attention + imbalance.backward,
  };
  return contextMethods[software.contextExchange].time(work, { platform, group, innerGroup, outerGroup, core });
}

/** Buffers of the exchange while one layer runs. */
export function contextBuffers(c: TrainingCase, { mixer }: Pick<LayerKind, "mixer">): Bytes {
  const work = c.layout.context === 1 ? undefined : contextWork(c, mixer);
  return work === undefined ? 0 : contextMethods[c.software.contextExchange].buffers(work);
}
