import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { type Column, parquetBytes } from "./write.ts";

const columnsOf = (rows: readonly Row[]): Column[] => [
  { name: "point", type: "count", values: rows.map(({ count }) => count) },
  { name: "layout.tensor", type: "number", values: rows.map(({ number }) => number ?? undefined) },
  { name: "meets", type: "flag", values: rows.map(({ flag }) => flag ?? undefined) },
  { name: "key", type: "text", values: rows.map(({ text }) => text ?? undefined) },
];

interface Row {
  readonly count: number;
  readonly number: number | null;
  readonly flag: boolean | null;
  readonly text: string | null;
}

const row: fc.Arbitrary<Row> = fc.record({
  count: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  number: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
  flag: fc.option(fc.boolean()),
  text: fc.option(fc.string({ unit: "grapheme", maxLength: 40 })),
});

async function read(bytes: Uint8Array): Promise<unknown> {
  const file = bytes.buffer.slice(0) as ArrayBuffer;
  return await parquetReadObjects({ file });
}

describe("a Parquet file", () => {
  it("is read back by another program as it was written, gaps included", async () => {
    const property = fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
      const expected = rows.map(({ count, number, flag, text }) => {
        return { point: count, "layout.tensor": number, meets: flag, key: text };
      });
      const found = (await read(parquetBytes(columnsOf(rows), "test"))) as Record<string, unknown>[];
      expect(found.map((each) => ({ ...each }))).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("holds more rows than one group, and none", async () => {
    const values = Array.from({ length: 70_000 }, (_, index) => index);
    const found = (await read(parquetBytes([{ name: "n", type: "count", values }], "test"))) as { n: number }[];
    expect(found).toHaveLength(70_000);
    expect(found.at(-1)).toEqual({ n: 69_999 });
    expect(await read(parquetBytes([{ name: "n", type: "count", values: [] }], "test"))).toEqual([]);
  });

  it("begins and ends with its mark", () => {
    const bytes = parquetBytes([{ name: "n", type: "number", values: [1.5] }], "test");
    expect(String.fromCharCode(...bytes.slice(0, 4), ...bytes.slice(-4))).toBe("PAR1PAR1");
  });
});
