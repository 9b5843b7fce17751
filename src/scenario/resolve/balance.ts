/** The balanced split of a job over pools, found and explained: what it is, and what an even one would take. */

import { formatQuantity } from "../../base/quantity.ts";
import {
  type BatchSplit,
  balancedBatch,
  balancedLayers,
  type LayerSplit,
  type PoolStep,
  type TrainingCase,
} from "../../training/index.ts";
import { runs } from "./layout.ts";
import { type Notes, problem } from "./notes.ts";

/** The case with its layers, or its batch, split as makes the step shortest. */
export function balancedCase(c: TrainingCase, notes: Notes): TrainingCase {
  return c.pools?.by === "pipeline" ? withLayers(c, notes) : withBatch(c, notes);
}

function withLayers(c: TrainingCase, notes: Notes): TrainingCase {
  const { balanced, even } = balancedLayers(c);
  const busiest = balanced.step.pools.map(
    ({ name, busiest: { forwardTime, backwardTime }, rank }) =>
      `${layersOf(balanced, c.layout.pipeline, rank)} layers on ${name} ${formatQuantity(forwardTime + backwardTime, "seconds")}`,
  );
  const reason = `balanced: a micro-batch takes the busiest rank with ${busiest.join(", with ")}; ${compared(balanced, even, `an even split (${runs(even.stageLayers)})`)}`;
  notes.assumptions.push({ path: "layout.stageLayers", value: runs(balanced.stageLayers), reason });
  return { ...c, layout: { ...c.layout, stageLayers: balanced.stageLayers } };
}

function layersOf({ stageLayers }: LayerSplit, ranks: number, rank: number): number {
  return stageLayers.reduce((sum, count, stage) => (stage % ranks === rank ? sum + count : sum), 0);
}

function withBatch(c: TrainingCase, notes: Notes): TrainingCase {
  const { pools: spread } = c;
  const { balanced, even } = balancedBatch(c);
  if (balanced === undefined || spread?.by !== "data") {
    const message = `no numbers of micro-batches on the pools add up to ${c.globalBatch} sequences`;
    problem(notes, "workload.globalBatch", message, "change globalBatch, microBatch or the replicas of a pool");
    return c;
  }
  const value = balanced.step.pools.map(({ name }, index) => `${balanced.sequences[index]} sequences on ${name}`);
  const works = balanced.step.pools.map((pool) => `${pool.name} works ${formatQuantity(working(pool), "seconds")}`);
  const other =
    even === undefined
      ? "the batch does not divide evenly over the replicas"
      : compared(balanced, even, "the same batch for every replica");
  const reason = `balanced: in a step ${works.join(", ")}; ${other}`;
  notes.assumptions.push({ path: "layout.pools.sequences", value: value.join(", "), reason });
  const pools = spread.pools.map((pool, index) => ({
    ...pool,
    sequences: balanced.sequences[index] ?? pool.sequences,
  }));
  return { ...c, pools: { ...spread, pools } };
}

function working({ microBatches, busiest: { forwardTime, backwardTime } }: PoolStep): number {
  return microBatches * (forwardTime + backwardTime);
}

type Split = Pick<LayerSplit | BatchSplit, "step">;

function compared({ step: balanced }: Split, { step: even }: Split, what: string): string {
  const { stepTime, memory } = even.breakdown;
  const gain = (stepTime / balanced.breakdown.stepTime - 1) * 100;
  const fit = memory.fit === "does-not-fit" ? ` and does not fit pool ${even.pools[even.memoryPool]?.name}` : "";
  const sign = gain < 0 ? "-" : "+";
  return `${what} takes ${formatQuantity(stepTime, "seconds")}, ${sign} ${Math.abs(gain).toFixed(1)} %${fit}`;
}
