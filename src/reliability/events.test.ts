/** The closed forms against a run of events, drawn with a fixed seed. */

import { describe, expect, it } from "vitest";
import { type RandomStream, random } from "../base/random.ts";
import { mean, percentile, standardDeviation } from "../base/statistics.ts";
import {
  type CheckpointPlan,
  type MemoryTier,
  type TieredPlan,
  tieredShares,
  waitingShare,
  wallProbability,
  wallQuantile,
  wallTime,
} from "./index.ts";

interface Outcome {
  time: number;
  interruptions: number;
}

/** A place that keeps state: what is safe in it, and what will be. */
class Keeper {
  safe = 0;
  private pending: { position: number; at: number }[] = [];

  save(position: number, at: number): void {
    this.pending.push({ position, at });
  }

  /** What is safe at a time; what is on its way is lost with the interruption. */
  interrupted(at: number): void {
    for (const each of this.pending) if (each.at <= at) this.safe = each.position;
    this.pending = [];
  }
}

/** One run, event by event. */
function simulate({ store, memory }: TieredPlan, work: number, stream: RandomStream): Outcome {
  const copies = new Keeper();
  const disk = new Keeper();
  const outcome = { time: 0, interruptions: 0 };
  const next = (): number => outcome.time + stream.exponential(1 / store.rate);
  let position = 0;
  let saved = { copy: 0, disk: 0 };
  let failure = next();
  const until = (end: number): boolean => {
    if (failure < end) return false;
    outcome.time = end;
    return true;
  };
  const recover = (): void => {
    let fromStore = false;
    for (let up = false; !up; ) {
      outcome.time = failure;
      outcome.interruptions += 1;
      copies.interrupted(failure);
      disk.interrupted(failure);
      fromStore ||= memory === undefined || stream.uniform() >= memory.recovers;
      outcome.time += store.detection;
      failure = next();
      up = until(outcome.time + (fromStore || memory === undefined ? store.restart : memory.restart));
    }
    position = fromStore ? disk.safe : Math.max(copies.safe, disk.safe);
    if (fromStore) copies.safe = disk.safe;
    saved = { copy: position, disk: disk.safe };
  };
  while (position < work) {
    const toCopy = memory === undefined ? Number.POSITIVE_INFINITY : saved.copy + memory.interval;
    const stop = Math.min(toCopy, saved.disk + store.interval, work);
    const done = until(outcome.time + stop - position);
    if (!done) {
      recover();
      continue;
    }
    position = stop;
    if (position >= work) break;
    const keepsDisk = position >= saved.disk + store.interval;
    if (!until(outcome.time + (keepsDisk ? store.stall : (memory?.stall ?? 0)))) {
      recover();
      continue;
    }
    if (keepsDisk) disk.save(position, outcome.time + store.lag);
    if (keepsDisk) saved.disk = position;
    copies.save(position, outcome.time);
    saved.copy = position;
  }
  return outcome;
}

function runs(plan: TieredPlan, work: number, count: number): Outcome[] {
  const stream = random(11).stream("reliability/test");
  return Array.from({ length: count }, () => simulate(plan, work, stream));
}

const hour = 3600;
const base: CheckpointPlan = {
  rate: 1 / (3.09 * hour),
  interval: 1800,
  stall: 20,
  lag: 0,
  detection: 120,
  restart: 300,
};

const plans: readonly [string, Partial<CheckpointPlan>][] = [
  ["as it is", {}],
  ["a lag as long as the interval", { lag: 1800 }],
  ["long detection and restart", { detection: 600, restart: 3000 }],
  ["five times as many interruptions", { rate: 5 / (3.09 * hour), lag: 400 }],
  ["a stall of a tenth of the interval", { stall: 180, lag: 60 }],
];

describe("wall time against events", () => {
  it.each(plans)("%s", (_name, change) => {
    const plan = { store: { ...base, ...change } };
    const work = 400 * plan.store.interval;
    const found = runs(plan, work, 400);
    const shares = tieredShares(plan);
    expect(mean(found.map(({ time }) => time)) / (work * shares.total)).toBeCloseTo(1, 2);
    const perWork = mean(found.map(({ interruptions }) => interruptions)) / work;
    expect(Math.abs(perWork / shares.interruptions - 1)).toBeLessThan(0.015);
  });

  it.each(plans)("%s: spread, median and 90th percentile", (_name, change) => {
    const plan = { store: { ...base, ...change } };
    const work = 100 * plan.store.interval;
    const times = runs(plan, work, 3000).map(({ time }) => time);
    const wall = wallTime(plan, { work, waiting: 0 });
    expect(wall.mean / (work * tieredShares(plan).total)).toBeCloseTo(1, 9);
    expect(Math.abs(standardDeviation(times) / wall.deviation - 1)).toBeLessThan(0.06);
    for (const probability of [0.1, 0.5, 0.9]) {
      const quantile = wallQuantile(wall, probability);
      expect(Math.abs(percentile(times, probability) / quantile - 1)).toBeLessThan(0.01);
      expect(wallProbability(wall, quantile)).toBeCloseTo(probability, 5);
    }
  });

  it.each([0, 0.5, 0.8, 0.95])("copies in memory after %d of the interruptions, within 1.5 %%", (recovers) => {
    const memory: MemoryTier = { recovers, interval: 120, stall: 1, lag: 0, restart: 200 };
    const plan = { store: { ...base, interval: 3600, lag: 600, rate: 3 / (3.09 * hour) }, memory };
    const work = 100 * plan.store.interval;
    const ratio = mean(runs(plan, work, 300).map(({ time }) => time)) / (work * tieredShares(plan).total);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.015);
  });
});

describe("waiting for spares against events", () => {
  it.each([
    [0.5, 0],
    [3, 1],
    [3, 5],
    [8, 10],
  ])("%d nodes in repair on average, %d spares", (load, spares) => {
    const stream = random(5).stream("reliability/spares");
    const repair = 86_400;
    let [time, waited] = [0, 0];
    let out: number[] = [];
    for (let failure = 0; failure < 60_000; failure++) {
      time += stream.exponential(repair / load);
      out = out.filter((back) => back > time);
      out.push(time + repair);
      if (out.length <= spares) continue;
      const back = [...out].sort((a, b) => a - b)[out.length - spares - 1]!;
      waited += back - time;
      time = back;
      out = out.filter((end) => end > back);
    }
    expect(waited / time / waitingShare(load, spares)).toBeCloseTo(1, 1);
  });
});
