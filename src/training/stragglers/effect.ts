/**
 * What stragglers add to a step. A lockstep group runs its passes without gradients and then its pipeline with the slow
 * stages slowed; the groups meet at the gradient reduction, which is as slow as its slowest member's links, and the
 * optimizer ends with the slowest:
 *
 *     T = E[max over groups of (passes + pipeline)] + E[max over ranks of exchange] + E[max over ranks of optimizer]
 *
 * The expectation is over which random stragglers are slow in a step. States of a group are added up (`states.ts`) and
 * groups enter in closed form (`maximum.ts`).
 * Leaves out: work that is moved away from slow ranks; what slowness does to power and to the host.
 * @source lin-2025-stragglers
 */

import type { Seconds } from "../../base/quantity.ts";
import { random } from "../../base/random.ts";
import { sum } from "../../base/statistics.ts";
import { type AuxiliaryTime, slowedPass } from "../auxiliary.ts";
import type { TrainingCase } from "../case.ts";
import { slowestReplica } from "../replicas.ts";
import { type PipelineWork, scheduleOf } from "../schedule/index.ts";
import { type Component, componentsOf } from "./components.ts";
import { type Distribution, expectedMaximum } from "./maximum.ts";
import { positionsOf } from "./positions.ts";
import { slowed } from "./slowed.ts";
import { allStates, sourceStates } from "./states.ts";
import { isNominal, nominal, type Slowness, type Stragglers, slower, slownessKey } from "./straggler.ts";

/** The times of a step on which stragglers act. */
export interface StepTimes {
  readonly microBatches: number;
  readonly work: PipelineWork;
  readonly pipeline: Seconds;
  /** Passes without gradients, before the pipeline. */
  readonly auxiliary: readonly AuxiliaryTime[];
  readonly gradientReduce: Seconds;
  readonly parameterGather: Seconds;
  readonly optimizer: Seconds;
  readonly orthogonalisation: Seconds;
}

export interface StragglerEffect {
  /** Expected time that they add to the step. */
  readonly added: Seconds;
  /** Whether states were drawn because they are too many to add up. */
  readonly states: "all" | "drawn";
}

export function stragglerEffect(c: TrainingCase, { list, seed }: Stragglers, times: StragglerTimes): StragglerEffect {
  const components = componentsOf(list, positionsOf(c), c);
  const perState: { count: number; states: readonly State[] }[] = components.map((component, index) => ({
    count: component.count,
    states: statesOf(component, seed, index),
  }));
  const expected = (value: (state: State) => Seconds): Seconds =>
    expectedMaximum(
      perState.map(
        ({ count, states }): Distribution => ({
          count,
          outcomes: states.map((state) => ({ probability: state.probability, value: value(state) })),
        }),
      ),
    );
  const pipeline = expected(({ groups }) => largest(groups, times.pipeline));
  const exchange = expected(({ groups }) => largest(groups, (group) => largest(group, times.exchange)));
  const optimizer = expected(({ groups }) => largest(groups, (group) => largest(group, times.optimizer)));
  const added =
    Math.max(0, pipeline - times.pipeline([nominal])) +
    Math.max(0, exchange - times.exchange(nominal)) +
    Math.max(0, optimizer - times.optimizer(nominal));
  return { added, states: components.every(({ sources }) => allStates(sources.length)) ? "all" : "drawn" };
}

function largest<Item>(items: readonly Item[], value: (item: Item) => Seconds): Seconds {
  return items.reduce((most, item) => Math.max(most, value(item)), 0);
}

/** Times of a lockstep group's passes and pipeline, and of a rank's update by slowness; each worked out once. */
export interface StragglerTimes {
  pipeline(group: readonly Slowness[]): Seconds;
  exchange(slowness: Slowness): Seconds;
  optimizer(slowness: Slowness): Seconds;
}

function remembered(slow: (slowness: Slowness) => StepTimes): (slowness: Slowness) => StepTimes {
  const known = new Map<string, StepTimes>();
  return (slowness) => {
    const key = slownessKey(slowness);
    const found = known.get(key) ?? slow(slowness);
    known.set(key, found);
    return found;
  };
}

/** `answer` is the same step where everything is slow. */
export function stragglerTimes(
  c: TrainingCase,
  healthy: StepTimes,
  answer: (slowness: Slowness) => StepTimes,
): StragglerTimes {
  const slow = remembered(answer);
  const { pipeline: ranks, virtualStages: chunks, schedule } = c.layout;
  const known = new Map<string, Seconds>([["", sum(healthy.auxiliary.map(({ time }) => time)) + healthy.pipeline]]);
  const pipeline = (group: readonly Slowness[]): Seconds => {
    const key = group.every(isNominal) ? "" : group.map(slownessKey).join();
    const found = known.get(key);
    if (found !== undefined) return found;
    const stages = group.map((each) => (isNominal(each) ? undefined : slow(each)));
    const work = slowed(
      healthy.work,
      stages.map((each) => each?.work),
    );
    const kind = { work, microBatches: healthy.microBatches, count: 1 };
    const replica = slowestReplica(scheduleOf(schedule), { ranks, chunks }, [kind]);
    const passes = healthy.auxiliary.map((pass, index) => {
      const slowPasses = stages.map((each) => each?.auxiliary[index]);
      return slowedPass(pass, slowPasses);
    });
    const time = sum(passes) + replica.time;
    known.set(key, time);
    return time;
  };
  const exchange = (slowness: Slowness): Seconds => {
    const links = { ...slowness, computation: 1 };
    const { gradientReduce, parameterGather } = isNominal(links) ? healthy : slow(links);
    return gradientReduce + parameterGather;
  };
  const optimizer = ({ computation }: Slowness): Seconds => {
    const times = computation === 1 ? healthy : slow({ ...nominal, computation });
    return times.optimizer + times.orthogonalisation;
  };
  return { pipeline, exchange, optimizer };
}

/** Slowness of each stage of each group of a component, with its probability. */
interface State {
  readonly probability: number;
  readonly groups: readonly (readonly Slowness[])[];
}

function statesOf(component: Component, seed: number, index: number): readonly State[] {
  const stream = random(seed).stream(`training/stragglers/${index}`);
  const probabilities = component.sources.map(({ probability }) => probability);
  return sourceStates(probabilities, stream).map(({ probability, slow }) => ({
    probability,
    groups: stateOf(component, slow),
  }));
}

function stateOf({ always, sources }: Component, slow: readonly number[]): State["groups"] {
  const groups = always.map((stages) => [...stages]);
  for (const index of slow) {
    const source = sources[index];
    for (const { group, stage } of source?.slots ?? []) {
      const row = groups[group];
      if (row !== undefined && source !== undefined) row[stage] = slower(row[stage] ?? nominal, source.slowness);
    }
  }
  return groups;
}
