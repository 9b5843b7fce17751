/**
 * Traffic as a trace. Jobs run side by side in one trace, the ranks of the second after those of the first, each with
 * groups of its own; messages are sends and receives. Ignores: that all of a job wait for each other after a phase, which
 * nothing in a trace says of ranks that exchange nothing.
 */

import { ProblemError } from "../../base/problem.ts";
import { type Random, random } from "../../base/random.ts";
import type { Lost } from "../../launch/index.ts";
import { type Message, patternSteps, trafficPatterns } from "../../network/index.ts";
import type { TrafficDesign } from "../../scenario/index.ts";
import { everyone, type RankTrace, type Trace } from "../../workload/chakra/index.ts";
import { RankProgram, type Step } from "./rank-program.ts";
import { putIn, sizesLost, timesLost, wholeSize } from "./rounding.ts";

type Traffic = TrafficDesign["traffic"];
type Jobs = Extract<Traffic, { readonly what: "jobs" }>["jobs"];
type Phase = Jobs[number]["phases"][number];
type Collective = Extract<Phase, { readonly what: "collective" }>;
type Pattern = Extract<Phase, { readonly what: "pattern" }>;

/** Nodes of all ranks beyond which files would take gigabytes. */
const nodesMost = 2_000_000;
/** Tags are whole numbers of 32 bits, and each message of two ranks has its own for long enough. */
const tagsMost = 2 ** 30;

export function trafficTrace({ traffic, seed }: TrafficDesign): Trace {
  const sheet = new TraceSheet(membersOf(traffic));
  const drawn = random(seed);
  switch (traffic.what) {
    case "jobs":
      for (const job of traffic.jobs) writeJob(sheet, job, drawn);
      break;
    case "pattern": {
      const stream = drawn.stream("traffic/pattern");
      const pattern = trafficPatterns.get(traffic.pattern);
      for (let round = 0; round < traffic.rounds; round++)
        for (const step of patternSteps({ ...traffic, pattern, stream }))
          sheet.exchange(step, `${traffic.pattern} ${round}`);
      break;
    }
    case "trace":
      sheet.replay(traffic.messages);
  }
  return sheet.trace();
}

/** Accelerators that take part, in the order in which they become ranks. */
function membersOf(traffic: Traffic): readonly number[] {
  switch (traffic.what) {
    case "jobs":
      return traffic.jobs.flatMap(({ accelerators }) => accelerators);
    case "pattern":
      return traffic.groups.flat();
    case "trace":
      return [...new Set(traffic.messages.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  }
}

function writeJob(sheet: TraceSheet, job: Jobs[number], drawn: Random): void {
  if (job.start > 0) sheet.compute(job.accelerators, job.start, `${job.name} starts`);
  // As a prediction draws them: once a phase, the same in every round.
  const steps = job.phases.map((phase, place) =>
    phase.what === "pattern" ? messagesOf(phase, drawn, `traffic/${job.name}/${place}`) : [],
  );
  for (let round = 0; round < job.rounds; round++) {
    job.phases.forEach((phase, place) => {
      const name = `${job.name} ${round}.${place}`;
      if (phase.what === "compute") sheet.compute(job.accelerators, phase.time, name);
      else if (phase.what === "collective") sheet.collective(phase, name);
      else for (const step of steps[place] ?? []) sheet.exchange(step, name);
    });
  }
}

function messagesOf(phase: Pattern, drawn: Random, stream: string): readonly (readonly Message[])[] {
  const pattern = trafficPatterns.get(phase.pattern);
  return patternSteps({ ...phase, pattern, stream: drawn.stream(stream) });
}

/** Sizes and times that are not whole. */
export function trafficRounding({ traffic }: TrafficDesign): readonly Lost[] {
  switch (traffic.what) {
    case "jobs":
      return jobsRounding(traffic.jobs);
    case "pattern":
      return sizesLost("workload.size", [{ size: traffic.size, ranks: 1 }]);
    case "trace":
      return [
        ...sizesLost(
          "workload.trace.bytes",
          traffic.messages.map(({ size }) => ({ size, ranks: 1 })),
        ),
        ...timesLost(
          "workload.trace.start",
          traffic.messages.map(({ start }) => start),
        ),
      ];
  }
}

function jobsRounding(jobs: Jobs): readonly Lost[] {
  const phases = jobs.flatMap((job) => job.phases);
  const sizes = phases.flatMap((phase) => {
    if (phase.what === "compute") return [];
    if (phase.what === "pattern") return [{ size: phase.size, ranks: 1 }];
    return phase.groups
      .filter(({ length }) => length > 1)
      .map(({ length }) => putIn(phase.operation, phase.size, length));
  });
  const times = phases.flatMap((phase) => (phase.what === "compute" ? [phase.time] : []));
  return [
    ...sizesLost("workload.jobs.phases.size", sizes),
    ...timesLost("workload.jobs.phases.compute", times),
    ...timesLost(
      "workload.jobs.start",
      jobs.map(({ start }) => start),
    ),
  ];
}

/** Programs of all ranks while they are written. */
class TraceSheet {
  private readonly programs: readonly RankProgram[];
  private readonly rankOf: ReadonlyMap<number, number>;
  private readonly groups = new Map<string, readonly number[]>();
  private readonly names = new Map<string, string>();
  private nodes = 0;
  private tag = 0;

  constructor(members: readonly number[]) {
    this.programs = members.map(() => new RankProgram());
    this.rankOf = new Map(members.map((accelerator, rank) => [accelerator, rank]));
  }

  compute(accelerators: readonly number[], seconds: number, name: string): void {
    for (const accelerator of accelerators) this.at(accelerator).next({ name, kind: "compute", seconds });
    this.count(accelerators.length);
  }

  collective({ operation, groups, size }: Collective, name: string): void {
    for (const members of groups) {
      if (members.length < 2) continue;
      const bytes = wholeSize(putIn(operation, size, members.length));
      if (bytes === 0) continue;
      const group = this.groupName(members);
      for (const accelerator of members)
        this.at(accelerator).next({ name, kind: "collective", operation, bytes, group });
      this.count(members.length);
    }
  }

  /** Messages that start together; each rank goes on when its own have left and arrived. */
  exchange(messages: readonly Message[], name: string): void {
    const own = new Map<RankProgram, Step[]>();
    const put = (accelerator: number, step: Step): void => {
      const program = this.at(accelerator);
      const steps = own.get(program);
      if (steps === undefined) own.set(program, [step]);
      else steps.push(step);
    };
    for (const { from, to, size } of messages) {
      const [bytes, tag] = [wholeSize({ size, ranks: 1 }), this.tag++ % tagsMost];
      if (bytes === 0) continue;
      put(from, { name, kind: "send", bytes, peer: this.rank(to), tag });
      put(to, { name, kind: "receive", bytes, peer: this.rank(from), tag });
    }
    this.count(2 * messages.length);
    for (const [program, steps] of own) program.together(steps);
  }

  /** Messages with starts of their own: each waits for nothing but its time. */
  replay(messages: readonly Message[]): void {
    this.count(3 * messages.length);
    messages.forEach(({ from, to, size, start }, index) => {
      const [name, bytes, tag] = [`message ${index}`, wholeSize({ size, ranks: 1 }), this.tag++ % tagsMost];
      if (bytes === 0) return;
      const sender = this.at(from);
      const after = start > 0 ? [sender.apart({ name: `before ${name}`, kind: "compute", seconds: start }, [])] : [];
      sender.apart({ name, kind: "send", bytes, peer: this.rank(to), tag }, after);
      this.at(to).apart({ name, kind: "receive", bytes, peer: this.rank(from), tag }, []);
    });
  }

  trace(): Trace {
    const recorded = this.programs.map(({ nodes }, rank): RankTrace => ({ rank, nodes }));
    return { ranks: recorded.length, recorded, groups: this.groups };
  }

  private rank(accelerator: number): number {
    return this.rankOf.get(accelerator) ?? 0;
  }

  private at(accelerator: number): RankProgram {
    const program = this.programs[this.rank(accelerator)];
    if (program === undefined) throw new Error(`accelerator ${accelerator} is no rank`);
    return program;
  }

  /** Groups have numbers from 1; all ranks together are 0. */
  private groupName(members: readonly number[]): string {
    const key = members.join();
    const known = this.names.get(key);
    if (known !== undefined) return known;
    const ranks = members.map((accelerator) => this.rank(accelerator));
    const all = ranks.length === this.programs.length && ranks.every((rank, index) => rank === index);
    const name = all ? everyone : String(this.names.size + 1);
    this.names.set(key, name);
    this.groups.set(name, ranks);
    return name;
  }

  private count(more: number): void {
    this.nodes += more;
    if (this.nodes <= nodesMost) return;
    const message = `a trace of it has more than ${nodesMost} nodes`;
    throw new ProblemError([{ path: "workload", message, hint: "fewer rounds or endpoints say the same" }]);
  }
}
