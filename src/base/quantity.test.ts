import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Dimension, dimensions, formatQuantity, parseCount, parseQuantity, parseRatio } from "./quantity.ts";

function parsed(text: unknown, dimension: Dimension): unknown {
  const result = parseQuantity(text, dimension);
  if (result.ok) return result.value;
  return result.hint === undefined ? result.message : `${result.message}; ${result.hint}`;
}

describe("parseQuantity reads", () => {
  it.each<[unknown, Dimension, number]>([
    ["80 GB", "bytes", 80e9],
    ["80 GiB", "bytes", 85899345920],
    ["80GiB", "bytes", 85899345920],
    ["1.5e3 kB", "bytes", 1.5e6],
    ["16 Gbit", "bytes", 2e9],
    ["5 EB", "bytes", 5e18],
    ["400 Gbit/s", "bytesPerSecond", 5e10],
    ["400 Gbps", "bytesPerSecond", 5e10],
    ["3.35 TB/s", "bytesPerSecond", 3.35e12],
    ["900 GBps", "bytesPerSecond", 9e11],
    ["5 us", "seconds", 5e-6],
    ["5 µs", "seconds", 5e-6],
    ["250 ns", "seconds", 2.5e-7],
    ["6.5 s", "seconds", 6.5],
    ["30 min", "seconds", 1800],
    ["2 h", "seconds", 7200],
    ["60 days", "seconds", 5184000],
    ["2 weeks", "seconds", 1209600],
    ["1 year", "seconds", 31536000],
    ["700 W", "watts", 700],
    ["10.2 kW", "watts", 10200],
    ["2 MWh", "joules", 7.2e9],
    ["12 $", "dollars", 12],
    ["$12", "dollars", 12],
    ["$1.2M", "dollars", 1.2e6],
    ["$1.2B", "dollars", 1.2e9],
    ["3 k$", "dollars", 3000],
    ["3 M USD", "dollars", 3e6],
    ["3600 $/h", "dollarsPerSecond", 1],
    ["$2.50/h", "dollarsPerSecond", 2.5 / 3600],
    ["3.6 $/kWh", "dollarsPerJoule", 1e-6],
    ["989 TFLOP/s", "flopPerSecond", 989e12],
    ["989 Tflop/s", "flopPerSecond", 989e12],
    ["989 TFLOPS", "flopPerSecond", 989e12],
    ["3.8e25 FLOPs", "flop", 3.8e25],
    ["12 /s", "perSecond", 12],
    ["1.2k tokens/s", "perSecond", 1200],
    ["30 requests/min", "perSecond", 0.5],
    ["1.4 GHz", "perSecond", 1.4e9],
    [0.41, "ratio", 0.41],
    ["0.41", "ratio", 0.41],
    ["41 %", "ratio", 0.41],
    ["1.5x", "ratio", 1.5],
    [2048, "count", 2048],
    ["2048", "count", 2048],
    ["16,384", "count", 16384],
    ["16_384", "count", 16384],
    ["15.6T", "count", 15.6e12],
    ["15.6T tokens", "count", 15.6e12],
    ["2k", "count", 2000],
    ["128Ki", "count", 131072],
  ])("%s as %s", (text, dimension, value) => {
    expect(parsed(text, dimension)).toBe(value);
  });
});

describe("parseQuantity refuses, and says what to try", () => {
  it.each<[unknown, Dimension, string]>([
    ["400 GiB", "bytesPerSecond", '"400 GiB" is a size, expected a bandwidth; write "400 GiB/s"'],
    ["3.35 TB", "bytesPerSecond", '"3.35 TB" is a size, expected a bandwidth; write "3.35 TB/s"'],
    ["80 GB/s", "bytes", '"80 GB/s" is a bandwidth, expected a size; write "80 GB"'],
    ["3 kWh", "dollarsPerJoule", '"3 kWh" is an energy, expected a price per energy; write "3 $/kWh"'],
    ["$3", "dollarsPerSecond", '"$3" is an amount of money, expected a price per time; write "3 $/h"'],
    ["15 TB", "count", '"15 TB" is a size, expected a count; a count has no unit: write "15T"'],
    ["100B", "count", '"100B" is a size, expected a count; write "100G" for billions (10^9)'],
    [
      "700 W",
      "count",
      '"700 W" is a power, expected a count; write a whole number, e.g. 512, or text with a prefix, e.g. "15.6T"',
    ],
    ["2T", "bytes", '"2T" has no unit, expected a size; write "2 TB" or "2 TiB"'],
    [80, "bytes", '80 has no unit, expected a size; write "80 GB" or "80 GiB"'],
    ["80", "bytes", '"80" has no unit, expected a size; write "80 GB" or "80 GiB"'],
    ["80G", "bytes", '"80G" has no unit, expected a size; write "80 GB" or "80 GiB"'],
    ["400 Gb", "bytes", '"400 Gb" could be bits or bytes, expected a size; write "400 Gbit" or "400 GB"'],
    ["4 Gb/s", "bytesPerSecond", '"4 Gb/s" could be bits or bytes, expected a bandwidth; write "4 Gbit/s" or "4 GB/s"'],
    ["80 gb", "bytes", '"80 gb" has an unknown unit "gb", expected a size; did you mean "80 GB"?'],
    ["80 KB", "bytes", '"80 KB" has an unknown unit "KB", expected a size; did you mean "80 kB"?'],
    ["5 m", "seconds", '"5 m" has an unknown unit "m", expected a time; write "5 ms", "5 min" or "5M"'],
    ["8K", "count", '"8K" has an unknown prefix "K", expected a count; write "8k" (1000) or "8Ki" (1024)'],
    ["12", "perSecond", '"12" has no unit, expected a rate; write "12 /s" or "12 tokens/s"'],
    [
      "989 TFLOPs",
      "flopPerSecond",
      '"989 TFLOPs" is an amount of arithmetic, expected a compute rate; write "989 TFLOP/s"',
    ],
    ["-5 GB", "bytes", '"-5 GB" has a sign, expected a size of 0 or more; write it without "-"'],
    ["+5 GB", "bytes", '"+5 GB" has a sign, expected a size of 0 or more; write it without "+"'],
    [-1, "count", "-1 is negative, expected a count of 0 or more"],
    [Number.NaN, "ratio", 'NaN is not a number, expected a ratio; e.g. 0.41 or "41 %"'],
    [
      Number.POSITIVE_INFINITY,
      "count",
      'Infinity is not a number, expected a count; write a whole number, e.g. 512, or text with a prefix, e.g. "15.6T"',
    ],
    ["NaN GB", "bytes", '"NaN GB" is not a number, expected a size; e.g. "80 GB" or "80 GiB"'],
    ["1e30 GB", "bytes", '"1e30 GB" is too large to be real, expected a size'],
    ["1e999 s", "seconds", '"1e999 s" is too large to be real, expected a time'],
    [1e17, "count", "100000000000000000 is too large to be real, expected a count"],
    ["1.5", "count", '"1.5" is not a whole number, expected a count'],
    [1.5, "count", "1.5 is not a whole number, expected a count"],
    [
      "5 GB/s/s",
      "bytesPerSecond",
      '"5 GB/s/s" has an unknown unit "GB/s/s", expected a bandwidth; did you mean "5 GB/s"?',
    ],
    ["5 s/GB", "seconds", '"5 s/GB" is not a unit that has a meaning here, expected a time'],
    ["5 GB/", "bytes", '"5 GB/" is not a unit that has a meaning here, expected a size'],
    [true, "bytes", 'found boolean, expected a size; e.g. "80 GB" or "80 GiB"'],
    [null, "seconds", 'found nothing, expected a time; e.g. "5 us", "5 s" or "5 h"'],
    ["", "watts", '"" is not a number, expected a power; e.g. "700 W" or "700 kW"'],
  ])("%s as %s", (text, dimension, message) => {
    expect(parsed(text, dimension)).toBe(message);
  });

  it("whatever is thrown at it", () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...(Object.keys(dimensions) as Dimension[])), (found, dimension) => {
        const result = parseQuantity(found, dimension);
        if (result.ok) expect(result.value).toBeGreaterThanOrEqual(0);
        else expect(result.message).toContain("expected");
      }),
    );
  });
});

describe("formatQuantity", () => {
  it.each<[number, Dimension, string]>([
    [85899345920, "bytes", "85.9 GB"],
    [0, "bytes", "0 B"],
    [999.9e3, "bytes", "1 MB"],
    [5e10, "bytesPerSecond", "50 GB/s"],
    [0.00025, "seconds", "250 us"],
    [0.0123, "seconds", "12.3 ms"],
    [0.9999, "seconds", "1 s"],
    [6.5, "seconds", "6.5 s"],
    [1800, "seconds", "30 min"],
    [9000, "seconds", "2.5 h"],
    [5184000, "seconds", "60 days"],
    [989e12, "flopPerSecond", "989 TFLOP/s"],
    [3.8e25, "flop", "3.8e25 FLOP"],
    [10200, "watts", "10.2 kW"],
    [7.2e9, "joules", "2 MWh"],
    [1.234e6, "dollars", "$1.23M"],
    [2.5, "dollars", "$2.50"],
    [12, "dollars", "$12"],
    [2.5 / 3600, "dollarsPerSecond", "$2.50/h"],
    [0.08 / 3.6e6, "dollarsPerJoule", "$0.08/kWh"],
    [12, "perSecond", "12 /s"],
    [0.4123, "ratio", "41.2 %"],
    [16384, "count", "16,384"],
    [15.6e12, "count", "15.6T"],
    [-0.05, "ratio", "-5 %"],
    [Number.POSITIVE_INFINITY, "seconds", "infinite"],
  ])("%d as %s", (value, dimension, text) => {
    expect(formatQuantity(value, dimension)).toBe(text);
  });

  it("writes sizes in powers of 1024 when asked", () => {
    expect(formatQuantity(80 * 2 ** 30, "bytes", "binary")).toBe("80 GiB");
    expect(formatQuantity(2 ** 20, "bytes", "binary")).toBe("1 MiB");
  });

  it("refuses NaN, which is our mistake", () => {
    expect(() => formatQuantity(Number.NaN, "bytes")).toThrow("NaN");
  });

  it.each(Object.keys(dimensions) as Dimension[])("what it writes as %s is read back to three digits", (dimension) => {
    const whole = dimension === "count";
    const powers = fc.double({ min: whole ? 0 : -12, max: Math.log10(dimensions[dimension].most) - 1, noNaN: true });
    fc.assert(
      fc.property(powers, fc.constantFrom("decimal" as const, "binary" as const), (power, system) => {
        const value = whole ? Math.round(10 ** power) : 10 ** power;
        const text = formatQuantity(value, dimension, system);
        const back = parseQuantity(text, dimension);
        expect(back, text).toMatchObject({ ok: true });
        if (back.ok) expect(Math.abs(back.value / value - 1), text).toBeLessThanOrEqual(0.0051);
      }),
      { numRuns: 500 },
    );
  });
});

it("counts and ratios have their own readers", () => {
  expect(parseCount("15.6T")).toEqual({ ok: true, value: 15.6e12 });
  expect(parseRatio("41 %")).toEqual({ ok: true, value: 0.41 });
  expect(parseRatio("41 GB")).toMatchObject({ ok: false, message: '"41 GB" is a size, expected a ratio' });
});
