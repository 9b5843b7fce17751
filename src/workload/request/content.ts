/**
 * Which prompts begin alike: ids of prefixes in common, of prompts that come again, and of conversations that grow.
 *
 * A chain of ids is a few runs of numbers one after the other: those of the group's prefix, then those of the prompt,
 * then those of the session. Where one run ends inside a chunk, the chunk belongs to the next run, for it holds text
 * that the shorter run has not; so sharing is exact but for less than one chunk. Ids are never used for two contents.
 */

import type { RandomStream } from "../../base/random.ts";
import { lengthDraw } from "./length.ts";
import type { SharedPrefix } from "./spec.ts";

/** Hands out ids that nobody has. */
export class FreshIds {
  private next = 0;

  /** First of `count` ids in a row. */
  take(count: number): number {
    const first = this.next;
    this.next += count;
    if (this.next > 2 ** 31 - 1) throw new Error(`${this.next} chunks of content; a list holds 2^31 - 1`);
    return first;
  }
}

/** What a prompt begins with: `tokens` of content under ids from `first`. */
export interface Run {
  readonly tokens: number;
  readonly first: number;
}

/** Writes the ids of one row; the array is reused from row to row. */
export class Chain {
  private ids = new Int32Array(64);
  private count = 0;
  private readonly chunkTokens: number;

  constructor(chunkTokens: number) {
    this.chunkTokens = chunkTokens;
    if (!(Number.isInteger(chunkTokens) && chunkTokens >= 1)) throw new Error(`chunks of ${chunkTokens} tokens`);
  }

  /** Ids of content that is made of runs, each as long as it reaches in all; the last one covers its broken chunk too. */
  of(runs: readonly Run[]): Int32Array {
    this.count = 0;
    const last = runs[runs.length - 1];
    for (const run of runs) {
      const whole = Math.floor(run.tokens / this.chunkTokens);
      this.extend(run.first, run === last ? Math.ceil(run.tokens / this.chunkTokens) : whole);
    }
    return this.ids.subarray(0, this.count);
  }

  /** Chunk k of a run has the id first + k, whichever run the chunks before belong to. */
  private extend(first: number, chunks: number): void {
    if (chunks > this.ids.length) {
      const larger = new Int32Array(2 * chunks);
      larger.set(this.ids.subarray(0, this.count));
      this.ids = larger;
    }
    for (; this.count < chunks; this.count++) this.ids[this.count] = first + this.count;
  }
}

/** A prompt that comes again keeps its lengths. */
export interface Prompt {
  readonly run: Run;
  readonly output: number;
}

interface PrefixStreams {
  readonly lengths: RandomStream;
  readonly order: RandomStream;
}

/** Groups and their prefixes, and the order in which requests take them. */
export class Prefixes {
  private readonly runs: Run[] = [];
  private readonly prompts = new Map<number, Prompt>();
  private readonly order: Int32Array;
  private turn = 0;
  private readonly law: SharedPrefix;
  private readonly orderStream: RandomStream;
  private readonly ids: FreshIds;
  private readonly chunkTokens: number;

  constructor(law: SharedPrefix, streams: PrefixStreams, ids: FreshIds, chunkTokens: number) {
    this.law = law;
    this.orderStream = streams.order;
    this.ids = ids;
    this.chunkTokens = chunkTokens;
    const { groups, promptsPerGroup = 1 } = law;
    if (!(Number.isInteger(groups) && groups >= 1)) throw new Error(`${groups} groups of prompts`);
    if (!(Number.isInteger(promptsPerGroup) && promptsPerGroup >= 1)) throw new Error(`${promptsPerGroup} prompts`);
    const draw = lengthDraw(law.tokens);
    for (let group = 0; group < groups; group++) this.runs.push(this.run(draw(streams.lengths)));
    this.order = shuffled(groups * promptsPerGroup, streams.order);
  }

  /** The next request's prompt, as a number below groups x promptsPerGroup. */
  take(): number {
    if (this.law.order === "random") return this.orderStream.integer(this.order.length);
    const prompt = this.order[this.turn] as number;
    this.turn = (this.turn + 1) % this.order.length;
    return prompt;
  }

  /** The prefix of a prompt's group. */
  prefixOf(prompt: number): Run {
    return this.runs[prompt % this.law.groups] as Run;
  }

  /** True where prompts come again as a whole. */
  get repeats(): boolean {
    return this.law.promptsPerGroup !== undefined;
  }

  /** The lengths and ids of a prompt that a class asks again and again; drawn when it is first taken. */
  promptOf(prompt: number, classIndex: number, draw: () => { input: number; output: number }): Prompt {
    const key = classIndex * this.order.length + prompt;
    const known = this.prompts.get(key);
    if (known !== undefined) return known;
    const { input, output } = draw();
    const made = { run: this.run(this.prefixOf(prompt).tokens + input), output };
    this.prompts.set(key, made);
    return made;
  }

  private run(tokens: number): Run {
    return { tokens, first: this.ids.take(Math.ceil(tokens / this.chunkTokens)) };
  }
}

/** Numbers below `count` in random order. */
function shuffled(count: number, stream: RandomStream): Int32Array {
  const list = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = stream.integer(last + 1);
    const kept = list[last] as number;
    list[last] = list[other] as number;
    list[other] = kept;
  }
  return list;
}
