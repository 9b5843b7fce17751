/** Numbers of attributes: from bits on the wire to values and back. Text and bytes are not numbers. */

import type { AttributeValue, ScalarType } from "./schema.ts";
import type { Wire } from "./wire.ts";

interface Scalar {
  readonly wire: Wire;
  decode(bits: bigint): AttributeValue;
  encode(value: AttributeValue): bigint;
}

export type NumberType = Exclude<ScalarType, "string" | "bytes">;

export const scalars: Readonly<Record<NumberType, Scalar>> = Object.freeze({
  double: { wire: 1, decode: (bits) => asFloat(bits, 8), encode: (value) => floatBits(Number(value), 8) },
  float: { wire: 5, decode: (bits) => asFloat(bits, 4), encode: (value) => floatBits(Number(value), 4) },
  int32: { wire: 0, decode: (bits) => Number(BigInt.asIntN(32, bits)), encode: unsigned },
  int64: { wire: 0, decode: (bits) => BigInt.asIntN(64, bits), encode: unsigned },
  uint32: { wire: 0, decode: (bits) => Number(BigInt.asUintN(32, bits)), encode: unsigned },
  uint64: { wire: 0, decode: (bits) => BigInt.asUintN(64, bits), encode: unsigned },
  sint32: { wire: 0, decode: (bits) => Number(BigInt.asIntN(32, unzigzag(bits))), encode: zigzag },
  sint64: { wire: 0, decode: (bits) => BigInt.asIntN(64, unzigzag(bits)), encode: zigzag },
  fixed32: { wire: 5, decode: Number, encode: unsigned },
  fixed64: { wire: 1, decode: (bits) => bits, encode: unsigned },
  sfixed32: { wire: 5, decode: (bits) => Number(BigInt.asIntN(32, bits)), encode: unsigned },
  sfixed64: { wire: 1, decode: (bits) => BigInt.asIntN(64, bits), encode: unsigned },
  bool: { wire: 0, decode: (bits) => bits !== 0n, encode: (value) => (value ? 1n : 0n) },
});

/** Two's complement in 64 bits: negative numbers of 32 bits are written so too. */
function unsigned(value: AttributeValue): bigint {
  return BigInt.asUintN(64, whole(value));
}

function whole(value: AttributeValue): bigint {
  return typeof value === "bigint" ? value : BigInt(Math.trunc(Number(value)));
}

/** 0, -1, 1, -2 as 0, 1, 2, 3: small numbers of either sign are short. */
function zigzag(value: AttributeValue): bigint {
  const number = whole(value);
  return BigInt.asUintN(64, number < 0n ? -2n * number - 1n : 2n * number);
}

function unzigzag(bits: bigint): bigint {
  return (bits >> 1n) ^ -(bits & 1n);
}

function asFloat(bits: bigint, length: 4 | 8): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits, true);
  return length === 8 ? view.getFloat64(0, true) : view.getFloat32(0, true);
}

function floatBits(value: number, length: 4 | 8): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (length === 8) view.setFloat64(0, value, true);
  else view.setFloat32(0, value, true);
  return view.getBigUint64(0, true);
}
