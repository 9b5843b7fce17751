import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, handHex, referenceHex } from "../../../test/chakra-files.ts";
import { readChakra } from "./read.ts";
import { type Attribute, type AttributeValue, type ChakraFile, type ScalarType, scalarTypes } from "./schema.ts";
import { utf8Bytes, utf8Text } from "./utf8.ts";
import { writeChakra } from "./write.ts";

describe("the wire", () => {
  it("reads a file put together by hand, byte by byte", () => {
    const { file, problems } = readChakra(bytesOf(handHex), "hand.0.et");
    expect(problems).toEqual([]);
    expect(file.version).toBe("0.0.4");
    expect(file.nodes).toEqual([
      {
        ...{ id: 1n, name: "fw", type: 4, controlDependencies: [], dataDependencies: [] },
        ...{ startMicros: 0n, durationMicros: 10n, attributes: [] },
      },
      {
        ...{ id: 2n ** 64n - 1n, name: "ar", type: 7, controlDependencies: [], dataDependencies: [1n] },
        ...{ startMicros: 0n, durationMicros: 0n },
        attributes: [
          { name: "comm_type", content: { type: "int64", value: 0n } },
          { name: "comm_size", content: { type: "uint64", value: 1048576n } },
          { name: "pg_name", content: { type: "string", value: "0" } },
        ],
      },
    ]);
    expect(writeChakra(file)).toEqual(bytesOf(handHex));
  });

  it("reads every type as the reference wrote it, and writes the same bytes", () => {
    const { file, problems } = readChakra(bytesOf(referenceHex), "all.0.et");
    expect(problems).toEqual([]);
    const values = Object.fromEntries(
      file.nodes[0]?.attributes.map(({ name, content }) => [name, content?.value]) ?? [],
    );
    expect(file.nodes[0]?.name).toBe("all types ü 名 🚀");
    expect(file.nodes[0]?.controlDependencies).toEqual([2n ** 63n, 1n, 0n]);
    expect(values).toMatchObject({
      ...{ double: 1.2345, dl: [1.5, Number.NEGATIVE_INFINITY, 0.1], float: 1.5, i32: -12345, i64: -(2n ** 63n) },
      ...{ i32l: [-1, 0, 2147483647, -2147483648], u64l: [0n, 2n ** 64n - 1n], s32: -2147483648, s64: -(2n ** 63n) },
      ...{
        s32l: [12345, -23456, 2147483647],
        f64: 2n ** 64n - 1n,
        sf32: -12345,
        sf64: -9876543210n,
        b: true,
        bf: false,
      },
      ...{ bl: [true, false, true], s: "é", sl: ["a", "", "c"], el: [], z: 0n },
    });
    expect(writeChakra(file)).toEqual(bytesOf(referenceHex));
  });

  it("reads numbers of a repeated field one by one too, and passes unknown fields over", () => {
    const one = "0a 0801 1804 2801 2802 6007".replaceAll(" ", "");
    const { file, problems } = readChakra(bytesOf(`00${one}`), "t.0.et");
    expect(problems).toEqual([]);
    expect(file.nodes[0]?.dataDependencies).toEqual([1n, 2n]);
  });
});

const values: Readonly<Record<ScalarType, fc.Arbitrary<AttributeValue>>> = {
  double: fc.double({ noNaN: true }),
  float: fc.float({ noNaN: true }),
  int32: fc.integer(),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  uint32: fc.nat({ max: 2 ** 32 - 1 }),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  sint32: fc.integer(),
  sint64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fixed32: fc.nat({ max: 2 ** 32 - 1 }),
  fixed64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  sfixed32: fc.integer(),
  sfixed64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  bool: fc.boolean(),
  string: fc.string({ unit: "grapheme" }),
  bytes: fc.uint8Array({ maxLength: 20 }),
};
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const attribute: fc.Arbitrary<Attribute> = fc.constantFrom(...scalarTypes).chain((type) =>
  fc.record({
    name: text,
    content: fc.record({
      type: fc.constant(type),
      value: fc.oneof(values[type], fc.array(values[type], { maxLength: 5 })),
    }),
  }),
);
const file: fc.Arbitrary<ChakraFile> = fc.record({
  version: text,
  attributes: fc.array(attribute, { maxLength: 3 }),
  nodes: fc.array(
    fc.record({
      id: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
      name: text,
      type: fc.nat({ max: 10 }),
      controlDependencies: fc.array(id, { maxLength: 4 }),
      dataDependencies: fc.array(id, { maxLength: 4 }),
      startMicros: id,
      durationMicros: id,
      attributes: fc.array(attribute, { maxLength: 5 }),
    }),
    { maxLength: 6 },
  ),
});

describe("any file", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(file, (written) => {
        const { file: read, problems } = readChakra(writeChakra(written), "t.0.et");
        expect(problems).toEqual([]);
        expect(read).toEqual(written);
      }),
    );
  });

  it("cut at any byte is a problem with its place, unless it is cut between messages", () => {
    const bytes = bytesOf(referenceHex);
    const ends = new Set([0x27, 0x27 + 2 + 0x2c0, bytes.length]);
    for (let length = 0; length < bytes.length; length++) {
      const { problems } = readChakra(bytes.subarray(0, length), "cut.0.et");
      if (length > 0 && ends.has(length)) expect(problems).toEqual([]);
      else {
        expect(problems.length).toBe(1);
        expect(problems[0]?.path).toBe("cut.0.et");
        expect(problems[0]?.message).toMatch(/^byte \d+: the file (ends inside|is empty)|^byte \d+: a number goes on/);
      }
    }
  });

  it("of garbage is read to its end, with few problems and no error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const { problems } = readChakra(bytes, "noise.0.et");
        expect(problems.length).toBeLessThanOrEqual(11);
      }),
      { numRuns: 500 },
    );
  });

  it("with bytes changed is read without an error", () => {
    const whole = bytesOf(referenceHex);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })), { maxLength: 6 }),
        (changes) => {
          const bytes = whole.slice();
          for (const [at, byte] of changes) bytes[at] = byte;
          expect(readChakra(bytes, "t.0.et").problems.length).toBeLessThanOrEqual(11);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("of another format says which", () => {
    const hints = (bytes: Uint8Array): unknown => readChakra(bytes, "t.et").problems[0]?.hint;
    expect(hints(utf8Bytes('{"schema": "1.1.1-chakra.0.0.4", "nodes": []}'))).toContain("JSON");
    expect(hints(Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0))).toContain("gunzip");
  });
});

describe("UTF-8", () => {
  it("is as a host has it, broken sequences too", () => {
    const [encoder, decoder] = [new TextEncoder(), new TextDecoder("utf-8", { ignoreBOM: true })];
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (each) => {
        expect([...utf8Bytes(each)]).toEqual([...encoder.encode(each)]);
        expect(utf8Text(utf8Bytes(each))).toBe(decoder.decode(encoder.encode(each)));
      }),
    );
    expect(utf8Text(Uint8Array.of(0x61, 0xff, 0x62))).toBe("a\ufffdb");
    expect(utf8Text(new Uint8Array(10_000).fill(0x61))).toBe("a".repeat(10_000));
  });
});
