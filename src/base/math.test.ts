import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cos, exp, log, log2, log10, pow, sin, sqrt } from "./math.ts";

const view = new DataView(new ArrayBuffer(8));

/** Position of a double among all doubles, so that neighbours differ by one. */
function position(x: number): bigint {
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

function unitsApart(a: number, b: number): number {
  if (Object.is(a, b) || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY;
  const distance = position(a) - position(b);
  return Number(distance < 0n ? -distance : distance);
}

const special: readonly number[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  ...[0, 0.5, 1, 1.5, 2, 3, 10, 2 ** 53, 2 ** 53 - 1, 1e20, 1e300, 1e-300, 5e-324, Number.MAX_VALUE].flatMap((x) => [
    x,
    -x,
  ]),
];

/** Positive doubles spread evenly over all exponents, subnormals included. */
const positive = fc.double({ min: -1074, max: 1023.9, noNaN: true }).map((e) => Math.max(2 ** e, 5e-324));

function agree(
  ours: (x: number) => number,
  host: (x: number) => number,
  inputs: fc.Arbitrary<number>,
  units = 2,
): void {
  fc.assert(
    fc.property(inputs, (x) => {
      expect(unitsApart(ours(x), host(x)), `at ${x}: ${ours(x)} against ${host(x)}`).toBeLessThanOrEqual(units);
    }),
    { numRuns: 20_000 },
  );
}

describe("elementary functions agree with the host's within two units in the last place", () => {
  it("exp", () => {
    agree(exp, Math.exp, fc.double({ min: -750, max: 715, noNaN: true }));
    agree(exp, Math.exp, fc.double({ min: -1, max: 1, noNaN: true }));
  });

  it.each([
    ["log", log, Math.log],
    ["log2", log2, Math.log2],
    ["log10", log10, Math.log10],
  ])("%s", (_name, ours, host) => {
    agree(ours, host, positive);
    agree(ours, host, fc.double({ min: 0.5, max: 2, noNaN: true }));
  });

  it.each([
    ["sin", sin, Math.sin],
    ["cos", cos, Math.cos],
  ])("%s", (_name, ours, host) => {
    agree(ours, host, fc.double({ min: -10, max: 10, noNaN: true }));
    agree(ours, host, fc.double({ min: -1e12, max: 1e12, noNaN: true }));
  });

  it("pow over results of every size", () => {
    const pair = fc.tuple(positive, fc.double({ min: -1074, max: 1024, noNaN: true }));
    fc.assert(
      fc.property(pair, ([x, e]) => {
        const y = e / Math.max(1e-3, Math.abs(Math.log2(x)));
        const message = `${x} ^ ${y}: ${pow(x, y)} against ${x ** y}`;
        expect(unitsApart(pow(x, y), x ** y), message).toBeLessThanOrEqual(2);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe("special values", () => {
  it.each([
    ["exp", exp, Math.exp],
    ["log", log, Math.log],
    ["log2", log2, Math.log2],
    ["log10", log10, Math.log10],
    ["sqrt", sqrt, Math.sqrt],
  ])("%s", (_name, ours, host) => {
    for (const x of special) expect(unitsApart(ours(x), host(x)), `at ${x}`).toBeLessThanOrEqual(1);
  });

  it("sin and cos", () => {
    for (const x of special.filter((x) => Math.abs(x) < 1e12 || !Number.isFinite(x))) {
      expect(unitsApart(sin(x), Math.sin(x)), `sin ${x}`).toBeLessThanOrEqual(1);
      expect(unitsApart(cos(x), Math.cos(x)), `cos ${x}`).toBeLessThanOrEqual(1);
    }
    expect(() => sin(1e13)).toThrow(RangeError);
  });

  it("pow for every pair", () => {
    for (const x of special) {
      for (const y of special) {
        expect(unitsApart(pow(x, y), x ** y), `${x} ^ ${y}`).toBeLessThanOrEqual(2);
      }
    }
  });

  it("powers of two are exact", () => {
    for (let k = -1074; k <= 1023; k++) {
      expect(log2(2 ** k)).toBe(k);
      expect(pow(2, k)).toBe(2 ** k);
    }
  });

  it("powers of ten are exact where a double holds them", () => {
    for (let k = 0; k <= 22; k++) {
      expect(pow(10, k)).toBe(Number(`1e${k}`));
      expect(log10(Number(`1e${k}`))).toBe(k);
    }
  });
});

it("the same bytes on every host: a digest of many results is fixed", () => {
  let digest = 0;
  const add = (x: number): void => {
    view.setFloat64(0, x);
    digest = (Math.imul(digest, 31) + view.getUint32(0)) | 0;
    digest = (Math.imul(digest, 31) + view.getUint32(4)) | 0;
  };
  for (let i = 1; i <= 10_000; i++) {
    const x = i * 0.0137;
    for (const value of [exp(x), log(x), log2(x), log10(x), pow(x, 1.7), sin(x), cos(x)]) add(value);
  }
  expect(digest).toBe(-132839777);
});
