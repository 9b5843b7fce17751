/** The values of each open key that a search looks at: those listed, or all that could be worth it. */

import type { LayoutText, OpenKey, UnlaidTraining } from "../../scenario/index.ts";
import { scheduleOf, schedules } from "../../training/index.ts";

type Case = UnlaidTraining["case"];
type Text = Readonly<Record<string, unknown>>;

/** What `layout: auto` opens. Offloads, and schedules that few stacks have, are opened by name. */
export const wholeLayout: LayoutText = {
  open: {
    tensor: "auto",
    sequenceParallel: "auto",
    context: "auto",
    pipeline: "auto",
    virtualStages: "auto",
    expert: "auto",
    expertTensor: "auto",
    microBatch: "auto",
    schedule: ["1f1b", "interleaved"],
    recompute: "auto",
    sharding: "auto",
  },
};

/** Tokens of a sequence that a context rank has at least. */
const contextTokens = 256;

/** Whether the model has routed experts. */
export function routedExperts({ model }: Case): number {
  return model.layerKinds.reduce((most, { feedForward: feed }) => {
    return feed.kind === "experts" ? Math.max(most, feed.experts) : most;
  }, 0);
}

/** Values of an open key where the degrees in `text` are chosen already; undefined leaves the key out. */
export function valuesOf(key: OpenKey, written: LayoutText, unlaid: UnlaidTraining, text: Text): readonly unknown[] {
  const open = written.open?.[key];
  if (open === undefined) return [written[key]];
  return open === "auto" ? automatic[key](unlaid.case, text, unlaid.batch) : open;
}

const automatic: Readonly<Record<OpenKey, (c: Case, text: Text, batch: number) => readonly unknown[]>> = {
  tensor: (c) => divisors(c.cluster.accelerators),
  sequenceParallel: (_, text) => (text.tensor === undefined || text.tensor === 1 ? [undefined] : ["on", "off"]),
  context: (c) => divisors(c.cluster.accelerators).filter((degree) => c.sequenceLength / degree >= contextTokens),
  pipeline: (c) => divisors(c.cluster.accelerators).filter((degree) => degree <= c.model.layers.length + 2),
  virtualStages: (c, { schedule, pipeline }) => {
    if (typeof schedule === "string" && schedule !== "interleaved")
      return [scheduleOf(schedule).chunks === "two" ? 2 : 1];
    return interleavings(c.model.layers.length, numberOf(pipeline));
  },
  data: (c) => divisors(c.cluster.accelerators),
  expert: (c) => (routedExperts(c) === 0 ? [undefined] : divisors(routedExperts(c))),
  expertTensor: (c, text) => {
    if (routedExperts(c) === 0) return [undefined];
    return numberOf(text.tensor) === 1 ? [1] : [1, numberOf(text.tensor)];
  },
  microBatch: (_, text, batch) => divisors(batch / numberOf(text.data)),
  schedule: () => Object.keys(schedules),
  recompute: () => ["none", "selective", "full"],
  recomputeLayers: (c, text) =>
    text.recompute === "full" ? upTo(Math.ceil(c.model.layers.length / numberOf(text.pipeline))) : [undefined],
  sharding: () => ["none", "optimizer", "gradients", "full", "hybrid"],
  optimizerOffload: () => [undefined, 0.5, 1],
  weightOffload: (_, text) =>
    text.sharding === "full" || text.sharding === "hybrid" ? [undefined, "on"] : [undefined],
  activationOffload: () => [0, 0.25, 0.5, 0.75, 1],
};

export function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 1;
}

function upTo(most: number): readonly number[] {
  return Array.from({ length: most }, (_, index) => index + 1);
}

/** 1, and every count of chunks that changes how many layers the largest chunk holds. */
function interleavings(layers: number, pipeline: number): readonly number[] {
  if (pipeline === 1) return [1];
  const found = new Set([1]);
  const most = Math.ceil(layers / pipeline);
  for (const held of upTo(most)) {
    for (const all of [layers, layers + 2]) {
      const chunks = Math.ceil(all / (pipeline * held));
      if (chunks * pipeline <= layers + 2) found.add(chunks);
    }
  }
  return [...found].sort((a, b) => a - b);
}

export function divisors(value: number): readonly number[] {
  if (!Number.isInteger(value)) return [];
  return upTo(Math.floor(Math.sqrt(value)))
    .filter((one) => value % one === 0)
    .flatMap((one) => (one * one === value ? [one] : [one, value / one]))
    .sort((a, b) => a - b);
}
