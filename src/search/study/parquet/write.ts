/**
 * Writes a table as a Parquet file: flat columns that may have gaps, one data page each in every row group, plain and not
 * compressed. That is the part of the format that every reader has; equal tables give equal bytes.
 * @source parquet-format
 */

import { utf8 } from "../../../base/sha256.ts";
import { type Fields, structBytes, type Value, varint } from "./thrift.ts";

export type Column =
  | { readonly name: string; readonly type: "count" | "number"; readonly values: readonly (number | undefined)[] }
  | { readonly name: string; readonly type: "flag"; readonly values: readonly (boolean | undefined)[] }
  | { readonly name: string; readonly type: "text"; readonly values: readonly (string | undefined)[] };

const physical = { flag: 0, count: 1, number: 5, text: 6 } as const;
const plain = 0;
const runLength = 3;
const optional = 1;
const magic = [0x50, 0x41, 0x52, 0x31];
const rowsPerGroup = 65_536;

/** Bytes of the file. Columns are equally long; counts are whole numbers of 32 bits. */
export function parquetBytes(columns: readonly Column[], createdBy: string): Uint8Array {
  const rows = columns[0]?.values.length ?? 0;
  if (columns.some(({ values }) => values.length !== rows)) throw new Error("columns of unequal length");
  const parts: Uint8Array[] = [Uint8Array.from(magic)];
  let offset = magic.length;
  const groups: Value[] = [];
  for (let start = 0; start < rows; start += rowsPerGroup) {
    const end = Math.min(rows, start + rowsPerGroup);
    const chunks = columns.map((column) => {
      const page = pageOf(column, start, end);
      const chunk = { column, offset, size: page.length, rows: end - start };
      parts.push(page);
      offset += page.length;
      return chunk;
    });
    groups.push({ struct: groupOf(chunks, end - start) });
  }
  const footer = structBytes([
    [1, { i32: 1 }],
    [2, { list: schemaOf(columns) }],
    [3, { i64: rows }],
    [4, { list: groups }],
    [6, { text: createdBy }],
  ]);
  parts.push(Uint8Array.from([...footer, ...littleEndian(footer.length), ...magic]));
  return joined(parts);
}

function schemaOf(columns: readonly Column[]): Value[] {
  const root: Value = {
    struct: [
      [4, { text: "points" }],
      [5, { i32: columns.length }],
    ],
  };
  const leaves = columns.map(({ name, type }): Value => {
    const head: Fields = [
      [1, { i32: physical[type] }],
      [3, { i32: optional }],
      [4, { text: name }],
    ];
    const text: Fields = [
      [6, { i32: 0 }],
      [10, { struct: [[1, { struct: [] }]] }],
    ];
    return { struct: type === "text" ? [...head, ...text] : head };
  });
  return [root, ...leaves];
}

interface Chunk {
  readonly column: Column;
  readonly offset: number;
  readonly size: number;
  readonly rows: number;
}

function groupOf(chunks: readonly Chunk[], rows: number): Fields {
  const columns = chunks.map(({ column, offset, size }): Value => {
    const meta: Fields = [
      [1, { i32: physical[column.type] }],
      [2, { list: [{ i32: plain }, { i32: runLength }] }],
      [3, { list: [{ text: column.name }] }],
      [4, { i32: 0 }],
      [5, { i64: rows }],
      [6, { i64: size }],
      [7, { i64: size }],
      [9, { i64: offset }],
    ];
    return {
      struct: [
        [2, { i64: offset }],
        [3, { struct: meta }],
      ],
    };
  });
  const size = chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  return [
    [1, { list: columns }],
    [2, { i64: size }],
    [3, { i64: rows }],
  ];
}

/** One page with its header: which rows have a value, then the values that are there. */
function pageOf(column: Column, start: number, end: number): Uint8Array {
  const values = column.values.slice(start, end);
  const levels = presence(values);
  const content = contentOf({ ...column, values: values.filter((value) => value !== undefined) } as Column);
  const size = 4 + levels.length + content.length;
  const header = structBytes([
    [1, { i32: 0 }],
    [2, { i32: size }],
    [3, { i32: size }],
    [
      5,
      {
        struct: [
          [1, { i32: values.length }],
          [2, { i32: plain }],
          [3, { i32: runLength }],
          [4, { i32: runLength }],
        ],
      },
    ],
  ]);
  return joined([
    Uint8Array.from(header),
    Uint8Array.from(littleEndian(levels.length)),
    Uint8Array.from(levels),
    content,
  ]);
}

/** Runs of equal levels: 1 where there is a value, 0 where there is none. */
function presence(values: readonly unknown[]): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < values.length; ) {
    const level = values[at] === undefined ? 0 : 1;
    let run = 1;
    while (at + run < values.length && (values[at + run] === undefined ? 0 : 1) === level) run++;
    for (const byte of varint(run * 2)) bytes.push(byte);
    bytes.push(level);
    at += run;
  }
  return bytes;
}

function contentOf({ type, values }: Column): Uint8Array {
  switch (type) {
    case "count":
      return numbers(values as readonly number[], 4, (view, at, value) => view.setInt32(at, value, true));
    case "number":
      return numbers(values as readonly number[], 8, (view, at, value) => view.setFloat64(at, value, true));
    case "flag": {
      const bytes = new Uint8Array(Math.ceil(values.length / 8));
      values.forEach((value, index) => {
        if (value === true) bytes[index >> 3] = (bytes[index >> 3] as number) | (1 << (index & 7));
      });
      return bytes;
    }
    case "text":
      return joined(
        (values as readonly string[]).map((value) => {
          const bytes = utf8(value);
          return Uint8Array.from([...littleEndian(bytes.length), ...bytes]);
        }),
      );
  }
}

function numbers(
  values: readonly number[],
  size: number,
  put: (view: DataView, at: number, value: number) => void,
): Uint8Array {
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    put(view, index * size, value);
  });
  return bytes;
}

function littleEndian(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
