/**
 * One training step as a trace: what each rank computes and what it exchanges, in the order of the pipeline schedule.
 * Computation takes what a pass takes without its exposed communication. Ignores: which layer an exchange belongs to,
 * slow ranks, sequences of unequal length.
 */

import type { Seconds } from "../../base/quantity.ts";
import type { TrainingCase } from "../../training/case.ts";
import { type StepBreakdown, scheduleOf, stageSize, stepEvaluator } from "../../training/index.ts";
import {
  type PieceKind,
  type PipelineRun,
  pieceDuration,
  pieceOf,
  rankStages,
  simulatePipeline,
} from "../../training/schedule/index.ts";
import type { RankTrace, Trace } from "../../workload/chakra/index.ts";
import { RankProgram } from "./rank-program.ts";
import { type PassName, type StepExchange, type StepExchanges, stepExchanges } from "./step-exchanges.ts";

export interface TrainingTrace {
  readonly trace: Trace;
  /** Whether every rank is written, or the first of each pipeline stage. */
  readonly written: "all" | "first of each stage";
}

/** Nodes beyond which one rank stands for all of its stage: files of some tens of megabytes. */
const nodesMost = 200_000;

export function trainingTrace(c: TrainingCase): TrainingTrace {
  const { layout } = c;
  const each = stageSize(layout);
  const ranks = each * layout.pipeline;
  const stepOf = planned(c);
  const first = Array.from({ length: layout.pipeline }, (_, stage) => stepOf(stage, stage * each));
  const nodes = first.reduce((sum, found) => sum + found.nodes.length, 0);
  const all = nodes * each <= nodesMost;
  const recorded = all ? Array.from({ length: ranks }, (_, rank) => stepOf(Math.floor(rank / each), rank)) : first;
  return {
    trace: { ranks, recorded, groups: groupsOf(recorded, dimensionsOf(stepExchanges(c)), ranks) },
    written: all ? "all" : "first of each stage",
  };
}

/** What one rank of a stage runs. */
function planned(c: TrainingCase): (stage: number, rank: number) => RankTrace {
  const { layout } = c;
  const evaluator = stepEvaluator(c);
  const step = evaluator.evaluate(layout);
  const shape = { ranks: layout.pipeline, chunks: layout.virtualStages, microBatches: step.microBatches };
  const run = simulatePipeline(scheduleOf(layout.schedule), shape, step.work);
  const { types } = evaluator.stages(layout);
  const exposed = step.plan.rankTypes.map((held) => {
    const mean = (of: (type: (typeof types)[number]) => Seconds): Seconds =>
      held.reduce((sum, index) => sum + (types[index] === undefined ? 0 : of(types[index])), 0);
    const communication = mean(
      ({ tensor, context, expert, sharded, transfer }) => tensor + context + expert + sharded + transfer,
    );
    return communication / mean(({ forwardTime, backwardTime }) => forwardTime + backwardTime);
  });
  const exchanges = stepExchanges(c);
  const dimensions = dimensionsOf(exchanges);
  const held = rankStages(scheduleOf(layout.schedule).placement, shape);
  return (stage, rank) => {
    const program = new RankProgram();
    const at = {
      c,
      step,
      run,
      exchanges,
      dimensions,
      ranks: stageSize(layout) * layout.pipeline,
      held,
      stage,
      rank,
      computed: 1 - (exposed[stage] ?? 0),
      program,
    };
    writeRank(at);
    return { rank, nodes: program.nodes };
  };
}

interface RankPlan {
  readonly c: TrainingCase;
  readonly step: StepBreakdown;
  readonly run: PipelineRun;
  readonly exchanges: StepExchanges;
  readonly dimensions: readonly StepExchange[];
  readonly ranks: number;
  /** Stages of each pipeline rank, chunk by chunk. */
  readonly held: readonly (readonly number[])[];
  readonly stage: number;
  readonly rank: number;
  /** Share of its passes in which a rank computes. */
  readonly computed: number;
  readonly program: RankProgram;
}

function writeRank(plan: RankPlan): void {
  const { step, run, exchanges, stage, program } = plan;
  for (const { name, time } of step.auxiliary) program.next({ name: `${name} pass`, kind: "compute", seconds: time });
  const order = run.orders[stage] ?? new Int32Array(0);
  let beforeLast = program.end;
  order.forEach((entry, position) => {
    beforeLast = program.end;
    writePiece(plan, entry, position);
  });
  for (const exchange of exchanges.reduce) writeExchange(plan, exchange, { after: beforeLast, name: "" });
  const { optimizer, orthogonalisation, hostUpdate, updateInterference, fixed } = step;
  const update = optimizer + orthogonalisation + hostUpdate + updateInterference + fixed;
  program.next({ name: "update", kind: "compute", seconds: update });
  for (const exchange of exchanges.gather) writeExchange(plan, exchange, { after: program.end, name: "" });
}

const passOf: Readonly<Record<PieceKind, PassName | undefined>> = {
  forward: "forward",
  forwardBeside: "forward",
  backward: "backward",
  inputGradient: "backward",
  weightGradient: undefined,
};

/** A piece: what it waits for, its computation, its exchanges, what it hands on. */
function writePiece(plan: RankPlan, entry: number, position: number): void {
  const { c, step, run, exchanges, stage, program, computed } = plan;
  const chunks = c.layout.virtualStages;
  const { kind, microBatch, chunk } = pieceOf(entry, chunks);
  const pass = passOf[kind];
  const shape = { ranks: c.layout.pipeline, chunks, microBatches: step.microBatches };
  const seconds = computed * pieceDuration(run, { work: step.work, shape, rank: stage, position });
  const words = `${pass ?? "weight gradient"} ${microBatch}${chunks > 1 ? ` chunk ${chunk}` : ""}`;
  if (pass !== undefined) writeHop(plan, { pass, microBatch, chunk, kind: "receive" });
  const head = program.end;
  program.next({ name: words, kind: "compute", seconds });
  if (pass === undefined) return;
  for (const exchange of exchanges.pass[pass]) writeExchange(plan, exchange, { after: head, name: ` of ${words}` });
  writeHop(plan, { pass, microBatch, chunk, kind: "send" });
}

interface Hop {
  readonly pass: PassName;
  readonly microBatch: number;
  readonly chunk: number;
  readonly kind: "send" | "receive";
}

/** Activations from the stage before, gradients from the one after; nothing where both are on one rank. */
function writeHop(
  { c, step, exchanges, held, stage: own, rank, program }: RankPlan,
  { pass, microBatch, chunk, kind }: Hop,
): void {
  const { layout, software } = c;
  const { placement } = scheduleOf(layout.schedule);
  const stage = held[own]?.[chunk] ?? 0;
  const onward = (pass === "forward") === (kind === "send") ? stage + 1 : stage - 1;
  // Where each stage sits twice, micro-batches stay on the way they came in.
  const neighbour = held.findIndex((stages) =>
    stages.some((each, at) => each === onward && (placement !== "both-ways" || at % 2 === chunk % 2)),
  );
  if (neighbour < 0 || neighbour === own) return;
  const sent = kind === "send" ? stage : onward;
  const tag = 2 * (sent * step.microBatches + microBatch) + (pass === "forward" ? 0 : 1);
  const peer = rank + (neighbour - own) * stageSize(layout);
  const what = pass === "forward" ? "activations" : "gradients";
  const node = {
    name: `${kind} ${what} ${microBatch}`,
    kind,
    bytes: Math.round(exchanges.transfer),
    peer,
    tag,
  } as const;
  if (kind === "send" && software.overlap.pipeline !== "off") program.aside(node);
  else program.next(node);
}

function writeExchange(
  { dimensions, ranks, rank, program }: RankPlan,
  exchange: StepExchange,
  { after, name }: { readonly after: readonly bigint[]; readonly name: string },
): void {
  const { operation, bytes, size, when } = exchange;
  const group = groupName({ dimensions, ranks }, exchange, rank);
  // Whole bytes of every rank.
  const whole = operation === "all-gather" ? size * Math.round(bytes / size) : Math.round(bytes);
  const node = {
    name: `${exchange.name} ${operation}${name}`,
    kind: "collective",
    operation,
    bytes: whole,
    group,
  } as const;
  if (when === "beside") program.beside(node, after);
  else program.next(node);
}

/** One exchange of each dimension: what its groups are numbered by. */
function dimensionsOf({ pass, reduce, gather }: StepExchanges): readonly StepExchange[] {
  const all = [...pass.forward, ...pass.backward, ...reduce, ...gather];
  return all.filter(({ dimension }, index) => all.findIndex((each) => each.dimension === dimension) === index);
}

/**
 * Groups have numbers from 1, which is what replaying programs expect (0 is all ranks): those of one dimension after
 * those of another.
 * @source astra-sim-workload
 */
function groupName(
  { dimensions, ranks }: Pick<RankPlan, "dimensions" | "ranks">,
  { dimension, size, stride }: StepExchange,
  rank: number,
): string {
  const index = dimensions.findIndex((each) => each.dimension === dimension);
  const before = dimensions.slice(0, index).reduce((sum, each) => sum + ranks / each.size, 0);
  return String(1 + before + Math.floor(rank / (size * stride)) * stride + (rank % stride));
}

function groupsOf(recorded: readonly RankTrace[], dimensions: readonly StepExchange[], ranks: number): Trace["groups"] {
  const groups = new Map<string, readonly number[]>();
  for (const each of dimensions) {
    const { size, stride } = each;
    for (const { rank } of recorded) {
      const name = groupName({ dimensions, ranks }, each, rank);
      if (groups.has(name)) continue;
      const first = Math.floor(rank / (size * stride)) * size * stride + (rank % stride);
      groups.set(
        name,
        Array.from({ length: size }, (_, at) => first + at * stride),
      );
    }
  }
  return groups;
}
