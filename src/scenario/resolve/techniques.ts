/** What overlaps, offload and pipeline schedules need of the rest of a layout, its hardware and its stack. */

import type { Layout } from "../../training/layout.ts";
import { scheduleOf } from "../../training/schedule/index.ts";
import { shardedInside } from "../../training/sharding.ts";
import type { LayoutContext } from "./layout.ts";
import { type Notes, problem } from "./notes.ts";

/** Asynchronous and fused tensor parallelism pipeline gathers and scatters, through memory that peers can address. */
export function tensorOverlapProblems(layout: Layout, { cluster, software }: LayoutContext, notes: Notes): void {
  const { tensor: overlap } = software.overlap;
  if (layout.tensor === 1 || (overlap !== "asynchronous" && overlap !== "fused")) return;
  const path = "software.overlap.tensor";
  if (layout.sequenceParallel === "off") {
    problem(notes, path, `${overlap} needs sequenceParallel: on`, "all-reduces cannot be pipelined; use on or off");
  }
  const { domain } = cluster.node.scaleUp;
  if (layout.tensor > domain) {
    const message = `${overlap} needs the ${layout.tensor} tensor ranks in one scale-up domain of ${domain}`;
    problem(notes, path, message, "use on or off");
  }
}

/** Shared experts beside the exchange exist for the plain dispatchers, without overlap of micro-batches. */
export function sharedOverlapProblems({ software }: LayoutContext, notes: Notes): void {
  const { overlap, dispatcher } = software;
  const path = "software.overlap.sharedExpert";
  if (overlap.sharedExpert === "off") return;
  if (overlap.expert === "on") {
    problem(
      notes,
      path,
      "the exchange runs under another micro-batch already (overlap.expert: on)",
      "write one of them",
    );
  }
  if (dispatcher === "deepep" || dispatcher === "hybridep") {
    problem(notes, path, `the ${dispatcher} dispatcher does not overlap shared experts`, "use all-to-all, or off");
  }
}

/** Moving state to the host needs to know the way there, and what the host's memory does. */
export function offloadProblems(layout: Layout, context: LayoutContext, notes: Notes): void {
  const { cluster } = context;
  const { activationOffload, optimizerOffload = 0, weightOffload } = layout;
  if (context.software.optimizerRule === "muon" && layout.sharding !== "none" && layout.sharding !== "optimizer") {
    const message = `muon needs whole matrices, which sharding: ${layout.sharding} cuts`;
    problem(notes, "software.optimizerRule", message, "use sharding: optimizer, or adam");
  }
  const { host, name } = cluster.node;
  const extended = `e.g. cluster: { node: { extends: ${name}, host: { link: "55 GB/s", memory: "400 GB/s" } } }`;
  const updates = weightOffload === "on" || optimizerOffload > 0;
  if (activationOffload > 0 && host?.link === undefined) {
    const reason = `unknown for ${name}; copies of activations are taken to hide under computation`;
    notes.assumptions.push({ path: "cluster.node.host.link", value: "unknown", reason });
  }
  if (updates && host?.link === undefined) {
    problem(notes, "cluster.node.host.link", `unknown for ${name}, and state on the host needs it`, extended);
  } else if (updates && host?.memory === undefined) {
    problem(notes, "cluster.node.host.memory", `unknown for ${name}, and updates on the host need it`, extended);
  }
  if (weightOffload !== "on") return;
  if (layout.sharding !== "full" && layout.sharding !== "hybrid") {
    problem(
      notes,
      "layout.weightOffload",
      `weights are whole under sharding: ${layout.sharding}`,
      "use full or hybrid",
    );
  }
  if (optimizerOffload > 0) {
    const message = "has no effect with weightOffload: on, which moves all optimizer state";
    problem(notes, "layout.optimizerOffload", message, "remove it");
  }
}

/** What a schedule needs of the pipeline, the micro-batches and the sharding; and what it assumes of the update. */
export function scheduleProblems(layout: Layout, context: LayoutContext, notes: Notes): void {
  const { pipeline, virtualStages, data, microBatch } = layout;
  const { name, lacks, backward, update, placement } = scheduleOf(layout.schedule);
  if (backward !== "whole" && pipeline === 1) {
    problem(notes, "layout.schedule", `${name} needs pipeline > 1`, "raise pipeline, or remove schedule");
    return;
  }
  const microBatches = context.globalBatch / (data * microBatch);
  const lack = Number.isInteger(microBatches)
    ? lacks?.({ ranks: pipeline, chunks: virtualStages, microBatches })
    : undefined;
  if (lack !== undefined) problem(notes, "layout.schedule", `${name} needs ${lack.need}`, lack.hint);
  if (placement === "both-ways" && shardedInside({ layout, software: context.software })) {
    const message = `${name} holds every stage on two ranks, whose gradients are reduced once a step, not in every micro-batch`;
    problem(notes, "layout.sharding", message, "use none or optimizer, or schedule: dualpipe-v");
  }
  if (update === "apart") {
    const reason = `${name} is published with an update that each rank begins when it is done and that is checked afterwards`;
    notes.assumptions.push({ path: "layout.schedule", value: "ranks update apart", reason });
  }
}
