/**
 * Where the time of a measured run goes beyond its ideal: the step is simulated with the table's times under the
 * layout's schedule, then again with one cause fixed at a time.
 *
 *     S = T / T_ideal,    T - T_ideal = sum of (T - T with one cause fixed) + interaction
 *                                     = sum of (T with one cause left - T_ideal) + interaction
 *
 * Causes hide each other (a rank is slow in the shadow of a slower one), so what fixing one saves is less than what it
 * would cost alone; the interaction says by how much.
 * Ideal: no rank slower than its peers, stages even, sequences even, no jitter. Work can be moved and slowness removed:
 * stages and sequences keep their mean, ranks and jitter go to the median. Exchanges once a step are those predicted.
 * Leaves out: launch gaps and waiting for data, which no rank's computation shows.
 * @source lin-2025-stragglers
 */

import type { Seconds } from "../../base/quantity.ts";
import { type Causes, causesOf } from "./causes.ts";
import { groupTimes, meanStep, type TableRun } from "./replay.ts";
import { dataRankOf, mapTimes, type RankTable, ranksOf, rankText, stageOf, type TimeKind } from "./table.ts";

/** Causes taken away; of one stage by its number. */
export interface Fix {
  readonly stages?: "all" | number;
  readonly ranks?: "all";
  readonly data?: "all";
  readonly jitter?: "all";
}

export interface CauseShare {
  readonly name: "ranks" | "stages" | "data" | "jitter" | "interaction";
  readonly label: string;
  /** What fixing it alone saves; the parts add up to the step less the ideal one. */
  readonly time: Seconds;
  /** What it would cost were it the only cause; these add up to the same. */
  readonly alone: Seconds;
}

export interface Repair {
  /** `fix rank 12`. */
  readonly what: string;
  readonly cause: Exclude<CauseShare["name"], "interaction">;
  /** The step with only this repaired. */
  readonly stepTime: Seconds;
  /** Share of the present step that it saves. */
  readonly saved: number;
  /** How many times as long the rank or the stage takes as its peers; absent for data and jitter. */
  readonly factor?: number;
}

export interface Attribution {
  readonly steps: number;
  /** Mean step of the table's times under the schedule, and without any of the causes. */
  readonly stepTime: Seconds;
  readonly ideal: Seconds;
  readonly slowdown: number;
  readonly shares: readonly CauseShare[];
  /** Single repairs that save time, the best first. */
  readonly repairs: readonly Repair[];
}

/** Ranks tried one by one: the slowest against their peers. */
const ranksTried = 64;

export function attributionOf(table: RankTable, run: TableRun): Attribution {
  const causes = causesOf(table);
  const present = groupTimes(table, run);
  const stepTime = meanStep(present, run);
  const without = (fix: Fix): Seconds => meanStep(groupTimes(fixed(table, causes, fix), run), run);
  const everything = { stages: "all", ranks: "all", data: "all", jitter: "all" } as const;
  const ideal = without(everything);
  const parts = (
    [
      ["ranks", "slow ranks"],
      ["stages", "uneven stages"],
      ["data", "uneven data"],
      ["jitter", "jitter"],
    ] as const
  ).map(([name, label]): CauseShare => {
    const { [name]: _, ...others } = everything;
    return { name, label, time: stepTime - without({ [name]: "all" }), alone: without(others) - ideal };
  });
  const interaction = (part: "time" | "alone"): Seconds =>
    stepTime - ideal - parts.reduce((sum, { [part]: each }) => sum + each, 0);
  const context: RepairContext = { table, causes, run, present, stepTime };
  return {
    steps: table.steps.length,
    stepTime,
    ideal,
    slowdown: stepTime / ideal,
    shares: [
      ...parts,
      {
        name: "interaction",
        label: "together, beyond each",
        time: interaction("time"),
        alone: interaction("alone"),
      },
    ],
    repairs: repairsOf(context, parts),
  };
}

interface RepairContext {
  readonly table: RankTable;
  readonly causes: Causes;
  readonly run: TableRun;
  readonly present: readonly Float64Array[];
  readonly stepTime: Seconds;
}

function repairsOf(context: RepairContext, parts: readonly CauseShare[]): readonly Repair[] {
  const { table, causes, stepTime } = context;
  const repair = (what: string, cause: Repair["cause"], time: Seconds, factor?: number): Repair => ({
    what,
    cause,
    stepTime: time,
    saved: 1 - time / stepTime,
    ...(factor === undefined ? {} : { factor }),
  });
  const factorOf = (factors: Causes["rank"], at: number): number =>
    Math.max(...Object.values(factors).map((values) => values[at] ?? 1));
  const slowRanks = Array.from({ length: ranksOf(table) }, (_, rank) => ({ rank, factor: factorOf(causes.rank, rank) }))
    .filter(({ factor }) => factor > 1)
    .sort((a, b) => b.factor - a.factor || a.rank - b.rank)
    .slice(0, ranksTried);
  const ranks = slowRanks.map(({ rank, factor }) =>
    repair(`fix ${rankText(table, rank)}`, "ranks", withoutRank(context, rank), factor),
  );
  const stages = Array.from({ length: table.stages }, (_, stage) => ({ stage, factor: factorOf(causes.stage, stage) }))
    .filter(({ factor }) => factor > 1 && table.stages > 1)
    .map(({ stage, factor }) => {
      const name = stage === table.stages - 1 ? "the last stage" : stage === 0 ? "the first stage" : `stage ${stage}`;
      const time = meanStep(groupTimes(fixed(table, causes, { stages: stage }), context.run), context.run);
      return repair(`rebalance ${name}`, "stages", time, factor);
    });
  const saved = (name: CauseShare["name"]): Seconds => stepTime - (parts.find((part) => part.name === name)?.time ?? 0);
  const all = [
    ...ranks,
    ...stages,
    repair("even out the sequences of micro-batches and data ranks", "data", saved("data")),
    repair("remove the jitter", "jitter", saved("jitter")),
  ];
  return all.filter((each) => each.saved > 1e-9).sort((a, b) => b.saved - a.saved);
}

/** The step with one rank fixed: only the pipeline it takes part in is run again. */
function withoutRank({ table, causes, run, present }: RepairContext, rank: number): Seconds {
  const group = Math.floor(dataRankOf(table, rank) / run.lockstep);
  const changed = groupTimes(rankFixed(table, causes, rank), run, group);
  return meanStep(
    present.map((times, index) => (index === group ? (changed[index] ?? times) : times)),
    run,
  );
}

/** The table with one rank as fast as its peers. */
export function rankFixed(table: RankTable, causes: Causes, rank: number): RankTable {
  const times: Partial<Record<TimeKind, Float64Array>> = {};
  for (const [name, values] of Object.entries(table.times)) {
    const factor = causes.rank[name as TimeKind]?.[rank] ?? 1;
    const changed = Float64Array.from(values);
    for (let entry = rank; entry < changed.length; entry += ranksOf(table)) changed[entry]! /= factor > 0 ? factor : 1;
    times[name as TimeKind] = changed;
  }
  return { ...table, times };
}

/** The table with causes taken away. */
export function fixed(table: RankTable, causes: Causes, fix: Fix): RankTable {
  const ranks = ranksOf(table);
  const { dataRanks } = table;
  return mapTimes(table, (time, kind, entry) => {
    const rank = entry % ranks;
    const stage = stageOf(table, rank);
    const ofStage = causes.stage[kind]?.[stage] ?? 1;
    const ofRank = causes.rank[kind]?.[rank] ?? 1;
    const row = (entry - rank) / ranks;
    const ofData = kind === "communication" ? 1 : causes.data[row * dataRanks + dataRankOf(table, rank)]!;
    let divisor = 1;
    if (fix.stages === "all") divisor *= ofStage;
    else if (fix.stages !== undefined) divisor *= ofStage / rebalanced(causes, kind, stage, fix.stages);
    if (fix.ranks === "all") divisor *= ofRank;
    if (fix.data === "all") divisor *= ofData;
    if (fix.jitter === "all") {
      const usual = (causes.base[kind] ?? 0) * ofStage * ofRank * ofData;
      return usual / divisor;
    }
    return divisor > 0 ? time / divisor : time;
  });
}

/** Factor of a stage once the excess of stage `heavy` is spread over the others. */
function rebalanced({ stage: factors }: Causes, kind: TimeKind, stage: number, heavy: number): number {
  const all = factors[kind];
  if (all === undefined || all.length < 2) return 1;
  if (stage === heavy) return 1;
  return all[stage]! + (all[heavy]! - 1) / (all.length - 1);
}
