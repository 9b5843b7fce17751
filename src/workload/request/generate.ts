/**
 * Draws a list of requests from a described workload.
 *
 * Every concern has a random stream of its own: arrivals, classes, each class's prompts and outputs, adapters, prefixes,
 * turns, pauses. A change of one law leaves what the others draw as it was; another rate moves the same requests closer
 * together. Ignores: ties between lengths and times (a busy hour has the prompts of a quiet one).
 */

import type { Seconds } from "../../base/quantity.ts";
import { type Random, type RandomStream, random } from "../../base/random.ts";
import { Arrivals } from "./arrival.ts";
import { Chain, FreshIds, Prefixes, type Run } from "./content.ts";
import { type Draw, lengthDraw, pauseDraw, weightedChoice } from "./length.ts";
import { type RequestClass, type RequestList, RequestListBuilder } from "./list.ts";
import type { ClassSpec, RequestSpec, SessionLaw } from "./spec.ts";

/** All requests of a specification, in order of release; the turns of a session follow its first. */
export function generateRequests(spec: RequestSpec): RequestList {
  check(spec);
  const { arrival } = spec;
  const streams = random(spec.seed);
  const writer = new Writer(spec, streams);
  if (arrival.kind === "open") {
    const arrivals = new Arrivals(arrival.law, arrival.stages, streams.stream("workload/arrivals"));
    for (let index = 0; index < spec.count; index++) {
      const release = arrivals.next();
      if (release === Number.POSITIVE_INFINITY) break;
      writer.add(release, -1);
    }
  } else if (arrival.kind === "users") addUsers(writer, spec.count, arrival.users, streams, arrival.think);
  else for (let index = 0; index < spec.count; index++) writer.add(0, -1);
  return writer.done();
}

/** User k has request k, k + users, ...: each waits for the one before it and the user's thought. */
function addUsers(writer: Writer, count: number, users: number, streams: Random, think: SessionLaw["pause"]): void {
  const draw = pauseDraw(think);
  const stream = streams.stream("workload/think");
  const previous = new Int32Array(users);
  for (let index = 0; index < count; index++) {
    const user = index % users;
    const first = index < users;
    previous[user] = writer.add(first ? 0 : draw(stream), first ? -1 : (previous[user] as number));
  }
}

const none: readonly never[] = Object.freeze([]);

interface ClassDraws {
  readonly input: () => number;
  readonly output: () => number;
  /** Indices of its adapters in the list. */
  readonly adapters: readonly number[];
}

interface TurnDraws {
  readonly turns: () => number;
  readonly input: () => number;
  readonly output: readonly (() => number)[];
  readonly pause: () => Seconds;
}

/** Draws requests one after the other and writes their rows. */
class Writer {
  private readonly list: RequestListBuilder;
  private readonly ids = new FreshIds();
  private readonly chain: Chain;
  private readonly classes: readonly ClassDraws[];
  private readonly classOf: () => number;
  private readonly adapters: RandomStream;
  private readonly prefixes: Prefixes | undefined;
  private readonly turns: TurnDraws | undefined;
  private readonly chunkTokens: number;
  private sessions = 0;

  constructor(spec: RequestSpec, streams: Random) {
    const { classes, prefix, session, chunkTokens, arrival } = spec;
    const adapters = [...new Set(classes.flatMap((entry) => entry.adapters))];
    this.chunkTokens = chunkTokens;
    this.list = new RequestListBuilder({
      chunkTokens,
      classes: classes.map(plainClass),
      adapters,
      concurrency: arrival.kind === "users" ? 0 : (arrival.concurrency ?? 0),
    });
    this.chain = new Chain(chunkTokens);
    this.classes = classes.map((entry) => classDraws(entry, streams, adapters));
    this.classOf = bound(weightedChoice(classes.map((entry) => entry.share)), streams.stream("workload/classes"));
    this.adapters = streams.stream("workload/adapters");
    if (prefix !== undefined) {
      const own = {
        lengths: streams.stream("workload/prefix-lengths"),
        order: streams.stream("workload/prefix-order"),
      };
      this.prefixes = new Prefixes(prefix, own, this.ids, chunkTokens);
    }
    if (session !== undefined) this.turns = turnDraws(session, classes, streams);
  }

  /** Add a request, or a session with all its turns; returns the last row. The parent is -1 for none. */
  add(release: Seconds, parent: number): number {
    const classIndex = this.classOf();
    const draws = this.classes[classIndex] as ClassDraws;
    const adapter =
      draws.adapters.length === 0 ? -1 : (draws.adapters[this.adapters.integer(draws.adapters.length)] as number);
    const first = this.firstPrompt(draws, classIndex);
    if (this.turns !== undefined) {
      const parents = parent < 0 ? [] : [parent];
      return this.addSession({ ...first, release, classIndex, adapter, parents }, this.turns);
    }
    // A row as one literal: copies by spreading would be most of the cost of a long list.
    const { input, output, runs } = first;
    const shared = runs[runs.length - 1];
    const ids = shared === undefined ? none : this.chain.of(runs);
    const covered = shared === undefined ? 0 : shared.tokens;
    const parents = parent < 0 ? none : [parent];
    return this.list.add({ release, input, output, ids, covered, parents, classIndex, adapter });
  }

  done(): RequestList {
    return this.list.done();
  }

  /** Lengths of a request, or of a session's first turn, and what its prompt has in common with others. */
  private firstPrompt(draws: ClassDraws, classIndex: number): { input: number; output: number; runs: readonly Run[] } {
    const { prefixes } = this;
    const own = (): { input: number; output: number } => ({ input: draws.input(), output: draws.output() });
    if (prefixes === undefined) return { input: draws.input(), output: draws.output(), runs: none };
    const taken = prefixes.take();
    const prefix = prefixes.prefixOf(taken);
    if (prefixes.repeats) {
      const { run, output } = prefixes.promptOf(taken, classIndex, own);
      return { input: run.tokens, output, runs: [prefix, run] };
    }
    const { input, output } = own();
    return { input: prefix.tokens + input, output, runs: [prefix] };
  }

  private addSession(first: SessionStart, draws: TurnDraws): number {
    const { classIndex, adapter, release, runs } = first;
    const session = this.sessions++;
    const output = draws.output[classIndex] as () => number;
    // Lengths first: the conversation as a whole is one chain of ids, of which every turn has a beginning.
    const turns: { input: number; output: number }[] = [{ input: first.input, output: first.output }];
    let length = first.input + first.output;
    for (let left = draws.turns() - 1; left > 0; left--) {
      const turn = { input: length + draws.input(), output: output() };
      turns.push(turn);
      length = turn.input + turn.output;
    }
    const base = this.ids.take(Math.ceil(length / this.chunkTokens));
    let parents = first.parents;
    let index = -1;
    turns.forEach((turn, at) => {
      const covered = at === turns.length - 1 ? turn.input : turn.input + turn.output;
      const ids = this.chain.of([...runs, { tokens: covered, first: base }]);
      const wait = at === 0 ? release : draws.pause();
      index = this.list.add({ release: wait, ...turn, ids, covered, parents, session, classIndex, adapter });
      parents = [index];
    });
    return index;
  }
}

interface SessionStart {
  readonly release: Seconds;
  readonly input: number;
  readonly output: number;
  readonly runs: readonly Run[];
  readonly parents: readonly number[];
  readonly classIndex: number;
  readonly adapter: number;
}

function classDraws(entry: ClassSpec, streams: Random, adapters: readonly string[]): ClassDraws {
  return {
    input: bound(lengthDraw(entry.input), streams.stream(`workload/input/${entry.name}`)),
    output: bound(lengthDraw(entry.output), streams.stream(`workload/output/${entry.name}`)),
    adapters: entry.adapters.map((name) => adapters.indexOf(name)),
  };
}

/** Later turns have streams of their own, so that their number leaves first turns as they were. */
function turnDraws(session: SessionLaw, classes: readonly ClassSpec[], streams: Random): TurnDraws {
  return {
    turns: bound(lengthDraw(session.turns), streams.stream("workload/turns")),
    input: bound(lengthDraw(session.input), streams.stream("workload/turn-input")),
    output: classes.map((entry) =>
      bound(lengthDraw(entry.output), streams.stream(`workload/turn-output/${entry.name}`)),
    ),
    pause: bound(pauseDraw(session.pause), streams.stream("workload/pauses")),
  };
}

function bound(draw: Draw, stream: RandomStream): () => number {
  return () => draw(stream);
}

function plainClass({ name, priority, timeout }: ClassSpec): RequestClass {
  return { name, priority, timeout };
}

/** The language checks what users write; these are slips of our own. */
function check({ arrival, count, classes }: RequestSpec): void {
  if (!(count >= 0) || (arrival.kind !== "open" && count === Number.POSITIVE_INFINITY)) {
    throw new Error(`${count} requests of kind ${arrival.kind}`);
  }
  if (classes.length === 0 || classes.length > 256) throw new Error(`${classes.length} classes of requests`);
  if (new Set(classes.map((entry) => entry.name)).size < classes.length) throw new Error("two classes of one name");
  if (arrival.kind === "users" && !(Number.isInteger(arrival.users) && arrival.users >= 1)) {
    throw new Error(`${arrival.users} users`);
  }
  const endless =
    arrival.kind === "open" && arrival.stages.some((stage) => stage.duration === Number.POSITIVE_INFINITY);
  if (count === Number.POSITIVE_INFINITY && endless) throw new Error("requests without end");
}
