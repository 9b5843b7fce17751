/**
 * Quantities: the units inside the product (SI, plain numbers) and their text outside.
 *
 * The types are phantom: a number flows in freely, a `Seconds` handed to a `Bytes` does not compile.
 * One unit per dimension, so names carry no unit suffix.
 */

type Quantity<Unit extends string> = number & { readonly unit?: Unit };

/** Bytes. */
export type Bytes = Quantity<"B">;
/** Seconds. */
export type Seconds = Quantity<"s">;
/** Bytes per second, one direction. */
export type BytesPerSecond = Quantity<"B/s">;
/** Floating-point operations; a multiply-add counts two. */
export type Flop = Quantity<"flop">;
/** Floating-point operations per second. */
export type FlopPerSecond = Quantity<"flop/s">;
/** Watts. */
export type Watts = Quantity<"W">;
/** Joules. */
export type Joules = Quantity<"J">;
/** US dollars. */
export type Dollars = Quantity<"USD">;
/** Tokens (a count). */
export type Tokens = Quantity<"token">;
/** Tokens per second. */
export type TokensPerSecond = Quantity<"token/s">;
