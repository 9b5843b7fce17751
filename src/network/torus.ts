/**
 * A torus of accelerators, each with two links in every dimension: how long its sides are, and what a group of
 * neighbours gets of the links. A group that fills a whole side closes a ring over the wrap-around link; a shorter one,
 * or a slice too small to be wrapped, is a line.
 * Ignores: twisted tori, and groups that share a side with each other.
 */

import type { BytesPerSecond } from "../base/quantity.ts";
import type { Generation } from "../catalog/accelerator.ts";

export interface Torus {
  /** Lengths, from the shortest. */
  readonly sides: readonly number[];
  /** Shortest side that is wrapped around. */
  readonly wrapped: number;
}

/** A part of a torus that a group fills: its length in each dimension, and whether that closes a ring. */
export interface TorusPart {
  readonly length: number;
  readonly ring: "closed" | "open";
}

/** The torus of a domain, as near to a cube as its size allows: slices of 64, 128 and 256 are 4x4x4, 4x4x8, 4x8x8. */
export function torusOf(domain: number, dimensions: 2 | 3, generation: Generation): Torus {
  let sides: readonly number[] = [];
  for (const first of divisors(domain)) {
    for (const second of dimensions === 2 ? [1] : divisors(domain / first)) {
      const shape = [first, second, domain / first / second].sort((a, b) => a - b);
      if (sides.length === 0 || sum(shape) < sum(sides)) sides = shape;
    }
  }
  return { sides: sides.filter((side) => side > 1), wrapped: wrappedFrom[generation] ?? 4 };
}

/**
 * v5e and v6e wrap only a whole pod's side of 16; the others whole cubes of four; instances of Trainium2 are 4 x 4.
 * @source jax-scaling-book, google-tpu-v5p, aws-trn2
 */
const wrappedFrom: Readonly<Partial<Record<Generation, number>>> = { "tpu-v5e": 16, "tpu-v6e": 16 };

/** What so many neighbours fill: whole sides where some multiply to them, else the shortest sides first. */
export function torusParts(ranks: number, torus: Torus): readonly TorusPart[] {
  const { sides, wrapped } = torus;
  const part = (length: number, side: number): TorusPart => ({
    length,
    ring: length === side && side >= wrapped ? "closed" : "open",
  });
  for (let chosen = 1; chosen < 1 << sides.length; chosen++) {
    const whole = sides.filter((_, index) => (chosen >> index) & 1);
    if (whole.reduce((product, side) => product * side, 1) === ranks) return whole.map((side) => part(side, side));
  }
  const parts: TorusPart[] = [];
  let left = ranks;
  for (const side of sides) {
    if (left <= 1) break;
    const length = Math.min(side, Math.ceil(left));
    parts.push(part(length, side));
    left /= length;
  }
  return parts;
}

/**
 * Bus bandwidth of rings in all dimensions at once: both links of each where the ring is closed, one where it is not.
 *
 *     B = w sum_d (2 closed, 1 open)
 *
 * @param link one link, one direction.
 * @source jax-scaling-book
 */
export function torusRing(parts: readonly TorusPart[], link: BytesPerSecond): BytesPerSecond {
  return link * parts.reduce((links, { ring }) => links + (ring === "closed" ? 2 : 1), 0);
}

/** Steps of one pass, dimension after dimension: half of a ring each way, or the whole of a line. */
export function torusSteps(parts: readonly TorusPart[]): number {
  return parts.reduce((steps, { length, ring }) => {
    return steps + (ring === "closed" ? Math.floor(length / 2) : Math.ceil(length) - 1);
  }, 0);
}

/**
 * What one rank gets when all talk to all, S(n-1)/n over the time of the longest dimension. A ring of k carries each
 * byte k/4 hops on two links, a line half of everything over its middle.
 *
 *     T = S k / (8 w) closed,  S k / (4 w) open
 *
 * @source jax-scaling-book
 */
export function torusExchange(parts: readonly TorusPart[], link: BytesPerSecond, ranks: number): BytesPerSecond {
  const slowest = Math.max(...parts.map(({ length, ring }) => length / (ring === "closed" ? 8 : 4)));
  return (link * (ranks - 1)) / ranks / slowest;
}

function divisors(count: number): number[] {
  const found: number[] = [];
  for (let divisor = 1; divisor * divisor <= count; divisor++) {
    if (count % divisor === 0) found.push(divisor, count / divisor);
  }
  return found;
}

function sum(sides: readonly number[]): number {
  return sides.reduce((total, side) => total + side, 0);
}
