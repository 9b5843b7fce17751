/**
 * Writes structures in Thrift's compact protocol: what the headers of a Parquet file are made of.
 * @source thrift-compact
 */

import { utf8 } from "../../../base/sha256.ts";

export type Value =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly struct: Fields }
  | { readonly list: readonly Value[] };

/** Fields by their number, in ascending order. */
export type Fields = readonly (readonly [id: number, value: Value])[];

/** Bytes of one structure. */
export function structBytes(fields: Fields): number[] {
  const bytes: number[] = [];
  let before = 0;
  for (const [id, value] of fields) {
    // Fields here are never more than 15 apart.
    bytes.push(((id - before) << 4) | typeOf(value), ...valueBytes(value));
    before = id;
  }
  bytes.push(0);
  return bytes;
}

function typeOf(value: Value): number {
  if ("i32" in value) return 5;
  if ("i64" in value) return 6;
  if ("text" in value) return 8;
  return "list" in value ? 9 : 12;
}

function valueBytes(value: Value): number[] {
  if ("i32" in value) return varint(value.i32 * 2);
  if ("i64" in value) return varint(value.i64 * 2);
  if ("text" in value) {
    const bytes = utf8(value.text);
    return [...varint(bytes.length), ...bytes];
  }
  if ("struct" in value) return structBytes(value.struct);
  const [first = { i32: 0 }] = value.list;
  const { length } = value.list;
  const head = length < 15 ? [(length << 4) | typeOf(first)] : [0xf0 | typeOf(first), ...varint(length)];
  return [...head, ...value.list.flatMap(valueBytes)];
}

/** Seven bits a byte, the lowest first. Numbers of zero or more; zigzag doubles them before. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
