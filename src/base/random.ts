/**
 * Named random streams. Each stream depends on the scenario's seed and its own name alone, so that a new consumer
 * never disturbs another. The generator is sfc32; distributions are exact transformations or rejections.
 */

import { cos, exp, log, pow, sqrt } from "./math.ts";

export interface Random {
  readonly seed: number;
  /** A fresh stream: the same name gives the same numbers from the start. */
  stream(name: string): RandomStream;
}

/** Make the streams of a seed, a whole number of at most 53 bits. */
export function random(seed: number): Random {
  if (!Number.isSafeInteger(seed)) throw new Error(`seed ${seed} is not a whole number below 2^53`);
  return Object.freeze({ seed, stream: (name: string) => new RandomStream(seed, name) });
}

/** One stream of random numbers. It has a life: every call moves it on. */
export class RandomStream {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, name: string) {
    [this.a, this.b, this.c] = hash(seed, name);
    for (let round = 0; round < 15; round++) this.word();
  }

  /**
   * 32 random bits as an unsigned integer: sfc32.
   * @source practrand
   */
  word(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    const high = this.word() >>> 5;
    return (high * 67108864 + (this.word() >>> 6)) / 9007199254740992;
  }

  /** Whole number in [0, below), every one equally likely. */
  integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > 4294967296) {
      throw new Error(`integer(${below}): expected a whole number from 1 to 2^32`);
    }
    const limit = 4294967296 - (4294967296 % below);
    let word = this.word();
    while (word >= limit) word = this.word();
    return word % below;
  }

  /** Exponential of the given mean. */
  exponential(mean: number): number {
    return -mean * log(1 - this.uniform());
  }

  /** Normal (Box and Muller). */
  normal(mean: number, deviation: number): number {
    const radius = sqrt(-2 * log(1 - this.uniform()));
    return mean + deviation * radius * cos(2 * Math.PI * this.uniform());
  }

  /** Log-normal: e to a normal of mean `mu` and deviation `sigma`. */
  lognormal(mu: number, sigma: number): number {
    return exp(this.normal(mu, sigma));
  }

  /**
   * Gamma of mean `shape` x `scale`.
   * @source marsaglia-2000
   */
  gamma(shape: number, scale: number): number {
    if (!(shape > 0)) throw new Error(`gamma(${shape}, ${scale}): expected a positive shape`);
    if (shape < 1) return this.gamma(shape + 1, scale) * pow(1 - this.uniform(), 1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / sqrt(9 * d);
    for (;;) {
      const x = this.normal(0, 1);
      const root = 1 + c * x;
      if (root <= 0) continue;
      const v = root * root * root;
      if (log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * log(v)) return d * v * scale;
    }
  }

  /** One of the items; throws on an empty list. */
  choice<Item>(items: readonly Item[]): Item {
    return items[this.integer(items.length)] as Item;
  }

  /** A new list of the same items in random order (Fisher and Yates). */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const list = [...items];
    for (let last = list.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      [list[last], list[other]] = [list[other] as Item, list[last] as Item];
    }
    return list;
  }
}

/** Three words that depend on every bit of seed and name: one pass of multiply and mix for each. */
function hash(seed: number, name: string): [number, number, number] {
  const low = seed >>> 0;
  const high = Math.floor(seed / 4294967296) >>> 0;
  const lane = (start: number, factor: number): number => {
    let state = start;
    const take = (word: number): void => {
      state = Math.imul(state ^ word, factor);
      state ^= state >>> 15;
    };
    take(low);
    take(high);
    for (let index = 0; index < name.length; index++) take(name.charCodeAt(index));
    take(name.length);
    state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    return state ^ (state >>> 16);
  };
  return [lane(0x9e3779b9, 0x01000193), lane(0x243f6a88, 0x5bd1e995), lane(0xb7e15162, 0x2c1b3c6d)];
}
